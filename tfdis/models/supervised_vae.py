"""The encoder that learns from labels alone, with a decoder to look at its code."""

import tensorflow as tf

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL


@registry.model("supervised_vae")
class SupervisedVAE(VAE):
    """Supervised baseline: the encoder minimises the terms, the decoder the reconstruction loss.

    loss = mean_x [-log p(x | sg(z))] + sum_k weight_k * term_k,  sg: no gradient passes

    The images without labels teach the decoder alone, so that the code can be looked at. gin:
    `@supervised_vae()` with `supervised_vae.terms = [@xent()]`; in disentanglement_lib, `@supervised`.
    `kl_loss` and `elbo` are logged, and are not in the loss.

    Args:
        terms: what the encoder learns, for example `SupervisedCrossEntropy`.
        **kwargs: as `VAE`.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    def __init__(self, **kwargs) -> None:
        # Of weight 0: the divergence is logged, and the head of the log variance has a gradient.
        super().__init__(own_terms=[KL(0.0)], **kwargs)

    def generate(
        self, z: tf.Tensor, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tf.Tensor:
        return super().generate(tf.stop_gradient(z), x, labels, training)
