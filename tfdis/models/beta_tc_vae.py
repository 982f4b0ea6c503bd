"""beta-TCVAE."""

from tfdis.models import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL, TotalCorrelation


@registry.register("beta_tc_vae")
class BetaTCVAE(VAE):
    """beta-TCVAE: reconstruction + KL + (beta - 1) * TC(z) (equation 4); gin: `@beta_tc_vae()`.

    Args:
      beta: weight of the total correlation; 1 is the plain VAE.
      estimator: "mws" or "mss"; see `tfdis.ops.total_correlation`.
      dataset_size: number of images of the data set; needed by "mss".
      terms: further terms to add.
      **kwargs: as `VAE`.

    Raises:
      ValueError: an unknown estimator, or "mss" without a data set size.

    Example:
      >>> BetaTCVAE(beta=4.0, image_shape=(64, 64, 1), latent_dim=10).terms[1].weight
      3.0

    References:
      Isolating Sources of Disentanglement in Variational Autoencoders. Ricky T. Q. Chen, Xuechen Li,
      Roger Grosse, David Duvenaud. 2018. arXiv:1802.04942.
    """

    def __init__(self, beta, estimator="mws", dataset_size=None, terms=(), **kwargs):
        super().__init__(
            own_terms=[KL(), TotalCorrelation(beta - 1.0, estimator, dataset_size)],
            terms=terms,
            hyperparameters={"beta": beta, "estimator": estimator, "dataset_size": dataset_size},
            **kwargs,
        )
