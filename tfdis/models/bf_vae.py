"""BF-VAE-0."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import LearnedPriorKL


@registry.model("bf_vae")
class BFVAE(VAE):
    """BF-VAE-0: a prior N(0, diag 1/alpha) whose precisions are learned; gin: `@bf_vae()`.

    reconstruction + beta KL(q(z|x) || N(0, diag 1/alpha)) + penalty_weight sum_j (1/alpha_j - 1)^2

    `prior` is the learned one, which `kl_loss` and `elbo` use as well. Kim et al. also penalise the
    total correlation: add a term for it, `terms=[TotalCorrelation(...)]`.

    Args:
        penalty_weight: weight of the prior variances' squared distance from 1, 0 or more.
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        latent_dim: number of latents.
        penalty_scale: "sum"; or "per_image" to divide the penalty by the batch size, as in
            published code.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, or an unknown penalty_scale.

    References:
        Kim et al. (2019), "Bayes-Factor-VAE: Hierarchical Bayesian Deep Auto-Encoder Models for
        Factor Disentanglement", ICCV. arXiv:1909.02820.
    """

    def __init__(
        self,
        penalty_weight: float | Callable = 1.0,
        beta: float | Callable = 1.0,
        latent_dim: int = 10,
        penalty_scale: str = "sum",
        **kwargs,
    ):
        kl = LearnedPriorKL(latent_dim, beta, penalty_weight, penalty_scale)
        super().__init__(own_terms=[kl], latent_dim=latent_dim, **kwargs)
