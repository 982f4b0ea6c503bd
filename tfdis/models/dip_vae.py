"""DIP-VAE I and II."""

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL, DIPPenalty


@registry.model("dip_vae")
class DIPVAE(VAE):
    """DIP-VAE: reconstruction + KL + DIP penalty on the codes' covariance; gin: `@dip_vae()`.

    penalty = lambda_od sum_{i != j} C_ij^2 + lambda_d sum_i (C_ii - 1)^2    (equations 6 and 7)

    with C = Cov(mean) in DIP-VAE-I, and C = Cov(mean) + E[diag(exp(log_var))] in DIP-VAE-II.

    Args:
        lambda_od: weight of the off-diagonal entries, 0 or more.
        lambda_d_factor: the ratio of lambda_d to lambda_od, which disentanglement_lib configures.
        dip_type: "i" or "ii".
        lambda_d: weight of the diagonal's distance from 1, given in place of lambda_d_factor.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: lambda_d_factor and lambda_d are both given or both missing, a weight is
            negative, or the type is unknown.

    Example:
        >>> DIPVAE(lambda_od=5.0, lambda_d_factor=10.0, latent_dim=10).terms[1].lambda_d
        50.0

    References:
        Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
        Observations", ICLR. arXiv:1711.00848.
    """

    def __init__(
        self,
        lambda_od: float,
        lambda_d_factor: float | None = None,
        dip_type: str = "i",
        lambda_d: float | None = None,
        **kwargs,
    ):
        if (lambda_d_factor is None) == (lambda_d is None):
            raise ValueError(
                "DIPVAE: expected exactly one of lambda_d_factor (a multiple of lambda_od) and lambda_d. "
                f"Received: lambda_d_factor={lambda_d_factor!r}, lambda_d={lambda_d!r}."
            )
        weight = lambda_d_factor * lambda_od if lambda_d is None else lambda_d
        super().__init__(own_terms=[KL(), DIPPenalty(lambda_od, weight, dip_type)], **kwargs)
