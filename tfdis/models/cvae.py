"""The conditional VAE."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from tfdis import registry
from tfdis.data.label_factors import DEFAULT_LABEL_FACTORS
from tfdis.models.labelled_vae import LabelledDecoderVAE, LabelledEncoderVAE
from tfdis.objectives import KL


@registry.model("cvae")
class CVAE(LabelledEncoderVAE, LabelledDecoderVAE):
    """Conditional VAE: log p(x|z,c) - beta KL(q(z|x,c) || p(z)), c the one-hot label; gin: `@cvae()`.

    The encoder sees the label as further channels of the image (`ConditionalEncoder`), the decoder
    sees [z; c]. The model trains on batches (images, factors). Called without labels, as by the
    exported signatures that know images alone, encoder and decoder take the label as unknown: the
    condition is uniform over the classes, which training never shows them. `extra_signatures` take
    labels.

    Args:
        factor_sizes: numbers of values of all ground-truth factors; in gin, the data set's.
        label_factors: positions or names of the ground-truth factors that are the label.
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        factor_names: names of all ground-truth factors; in gin, the data set's.
        encoder: as for `VAE`; a Keras model has to take images with one more channel for each
            class.
        decoder: as for `VAE`; a Keras model has to take latents followed by the classes.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta, or label factors that are not the data set's.

    References:
        Sohn et al. (2015), "Learning Structured Output Representation using Deep Conditional
        Generative Models", NeurIPS.
        Abdi et al. (2019), "Variational Learning with Disentanglement-PyTorch". arXiv:1912.05184
        (how the label enters the networks).
    """

    def __init__(
        self,
        factor_sizes: Sequence[int],
        label_factors: Sequence[int | str] = DEFAULT_LABEL_FACTORS,
        beta: float | Callable = 1.0,
        factor_names: Sequence[str] | None = None,
        **kwargs,
    ):
        super().__init__(own_terms=[KL(beta)], **kwargs)

    def generate(
        self, z: tf.Tensor, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tf.Tensor:
        return self.decoder(z, self.one_hot(labels), training=training)
