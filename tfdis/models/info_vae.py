"""InfoVAE with the maximum mean discrepancy."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL, MMD

FORMS = ("paper", "code")


@registry.model("info_vae")
class InfoVAE(VAE):
    """InfoVAE: KL and the MMD of the aggregate posterior from the prior; gin: `@info_vae()`.

    form "paper": reconstruction + (1 - alpha) KL + (alpha + lambda - 1) MMD(q(z), p(z))    (equation 6)
    form "code":  reconstruction + KL + lambda MMD(q(z), p(z)), as the study of Abdi et al. trains it

    Both compare the codes z of the batch with fresh samples of the prior; see `tfdis.ops.mmd`.

    Args:
        lambda_mmd: lambda, 0 or more.
        form: "paper" or "code".
        alpha: weight of the mutual information in the form "paper", at most 1; 1 drops the KL
            divergence.
        num_prior_samples: number of samples of the prior in every step.
        kernel: "squared_dim" (both published codes) or "gaussian".
        estimator: "biased" (both published codes) or "unbiased".
        variance: the variance per dimension of the "gaussian" kernel.
        seed: an integer, as for `VAE`; it also seeds the prior's samples.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: weights that the form does not allow, or an unknown option.

    Example:
        >>> model = InfoVAE(lambda_mmd=10.0, alpha=0.5, latent_dim=10)
        >>> [term.weight for term in model.terms]
        [0.5, 9.5]

    References:
        Zhao et al. (2017), "InfoVAE: Balancing Learning and Inference in Variational Autoencoders".
        arXiv:1706.02262.
        Abdi et al. (2019), "A Preliminary Study of Disentanglement With Insights on the Inadequacy
        of Metrics". arXiv:1911.11791 (lambda 1000).
    """

    def __init__(
        self,
        lambda_mmd: float | Callable,
        form: str = "paper",
        alpha: float = 0.0,
        num_prior_samples: int = 1000,
        kernel: str = "squared_dim",
        estimator: str = "biased",
        variance: float = 2.0,
        seed: int = 0,
        **kwargs,
    ):
        kl_weight, mmd_weight = _weights(lambda_mmd, form, alpha)
        mmd = MMD(mmd_weight, num_prior_samples, kernel, estimator, variance, seed)
        super().__init__(own_terms=[KL(kl_weight), mmd], seed=seed, **kwargs)


def _weights(lambda_mmd, form, alpha):
    """Weights of the KL divergence and of the MMD."""
    if form not in FORMS:
        raise ValueError(f"InfoVAE: expected a form out of {FORMS}. Received: {form!r}.")
    if form == "code":
        if alpha != 0:
            raise ValueError(
                f"InfoVAE: the form 'code' has no alpha. Received: {alpha!r}. Use form='paper'."
            )
        return 1.0, lambda_mmd
    if not (alpha <= 1 and alpha + lambda_mmd >= 1):
        raise ValueError(
            "InfoVAE: expected alpha <= 1 and alpha + lambda_mmd >= 1, so that KL and MMD are penalised. "
            f"Received: alpha={alpha!r}, lambda_mmd={lambda_mmd!r}."
        )
    return 1.0 - alpha, alpha + lambda_mmd - 1.0
