"""Ada-GVAE."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.models.pair_vae import PairVAE


@registry.model("ada_gvae")
class AdaGVAE(PairVAE):
    """Ada-GVAE: pairs share the latents whose posteriors are close; gin: `@ada_gvae()`.

    A latent is shared where delta_j < (min_j delta_j + max_j delta_j) / 2 (equation 6); the means and
    the variances of shared latents are averaged.

    Args:
        symmetric: whether delta is the mean of the KL divergences of both directions (Michlo et
            al.) or one of them (Locatello et al.).
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta.

    References:
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886.
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix B.2).
    """

    average = "gvae"

    def __init__(self, symmetric: bool = False, beta: float | Callable = 1.0, **kwargs):
        super().__init__(beta, **kwargs)

    def shared_mask(
        self,
        first: tuple[tf.Tensor, tf.Tensor],
        second: tuple[tf.Tensor, tf.Tensor],
        labels: tf.Tensor | None,
    ) -> tf.Tensor:
        return ops.adaptive_shared_mask(*first, *second, symmetric=self.symmetric)
