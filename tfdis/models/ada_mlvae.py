"""Ada-ML-VAE."""

from tfdis import registry
from tfdis.models.ada_gvae import AdaGVAE


@registry.model("ada_mlvae")
class AdaMLVAE(AdaGVAE):
    """Ada-ML-VAE: like `AdaGVAE`, but shared posteriors are multiplied; gin: `@ada_mlvae()`.

    var = 2 v_1 v_2 / (v_1 + v_2),    mean = (m_1 / v_1 + m_2 / v_2) var / 2

    Args:
        symmetric: as for `AdaGVAE`.
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta.

    References:
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886.
    """

    average = "mlvae"
