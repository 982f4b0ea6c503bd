"""The multi-level VAE with known groups."""

from tfdis import registry
from tfdis.models.gvae import GVAE


@registry.model("mlvae")
class MLVAE(GVAE):
    """ML-VAE: like `GVAE`, but shared posteriors are multiplied (see `AdaMLVAE`); gin: `@mlvae()`.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: as for `GVAE`.

    References:
        Bouchacourt et al. (2018), "Multi-Level Variational Autoencoder: Learning Disentangled
        Representations from Grouped Observations", AAAI. arXiv:1705.08841.
    """

    average = "mlvae"
