"""beta-TCVAE."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL, ELBODecomposition, TotalCorrelation, check_not_negative


@registry.model("beta_tc_vae")
class BetaTCVAE(VAE):
    """beta-TCVAE: reconstruction + KL + (beta - 1) * TC(z) (equation 4); gin: `@beta_tc_vae()`.

    Args:
        beta: weight of the total correlation; 1 is the plain VAE.
        estimator: "mws", "mss" or "even" of `tfdis.ops.total_correlation`. With "mws" the logged
            value is that of "even"; see `tfdis.objectives.TotalCorrelation`.
        dataset_size: number of images of the data set, which "mss" needs. In gin, the data set's.
        alpha: weight of the mutual information, 1 by default.
        gamma: weight of the dimension-wise KL divergence, 1 by default. Unless alpha = gamma = 1,
            all three parts are estimates on the batch: alpha * MI + beta * TC + gamma *
            dimension-wise KL.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta, an unknown estimator, or "mss" without a data set size.

    Example:
        >>> BetaTCVAE(beta=4.0, image_shape=(64, 64, 1), latent_dim=10).terms[1].weight
        3.0

    References:
        Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
        NeurIPS. arXiv:1802.04942.
    """

    def __init__(
        self,
        beta: float | Callable,
        estimator: str = "mws",
        dataset_size: int | None = None,
        alpha: float = 1.0,
        gamma: float | Callable = 1.0,
        **kwargs,
    ):
        # The term's own weight is beta - 1, which may be negative.
        check_not_negative("BetaTCVAE", beta=beta)
        if alpha == gamma == 1.0:
            own_terms = [KL(), TotalCorrelation(beta - 1.0, estimator, dataset_size)]
        else:
            own_terms = [ELBODecomposition(alpha, beta, gamma, estimator, dataset_size)]
        super().__init__(own_terms=own_terms, dataset_size=dataset_size, **kwargs)
