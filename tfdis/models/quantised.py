"""The base of models whose code is quantised."""

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from tfdis.models.autoencoder import Autoencoder
from tfdis.objectives import QuantisedCodes, Term


class QuantisedAutoencoder(Autoencoder):
    """Autoencoder whose decoder sees a code of few values: no posterior, no noise, no KL divergence.

    loss = w R / (height * width * channels) + sum_k weight_k * term_k,  z = quantiser(mean)

    R is the reconstruction loss of an image; as the papers of these models have it, the mean over
    pixels counts. The outputs' `mean` is the continuous code, their `z` the quantised one. The
    latter is what the decoder sees, what `encode` and `code` give, and what exports and metrics
    take for the code.

    Args:
        quantiser: Keras layer from codes `[batch, latent]` to a dictionary of `z` and the fields of
            `QuantisedCodes`; for subclasses.
        own_terms: as for `VAE`, for subclasses.
        **kwargs: further arguments of `VAE`.
    """

    given_by_subclasses = ("own_terms", "quantiser")
    is_quantised = True

    def __init__(self, quantiser: keras.Layer, own_terms: Sequence[Term] | None = None, **kwargs):
        super().__init__(own_terms=own_terms, **kwargs)
        self.quantiser = quantiser

    @property
    def scales(self) -> tuple[float, float]:
        """Divisors of reconstruction and regulariser: the number of pixel values, and as for `VAE`."""
        return float(math.prod(self.image_shape)), super().scales[1]

    def code(self, mean: tf.Tensor) -> tf.Tensor:
        """The quantised code `[batch, latent]` of a continuous one, with its gradient."""
        return self.quantiser(mean)["z"]

    def indices(self, images: tf.Tensor) -> tf.Tensor:
        """Codes of images as symbols, int32 `[batch, latent]`: what metrics of discrete codes score."""
        return self.quantiser(self.encoder(images)[0])["indices"]

    def sample(
        self, mean: tf.Tensor, log_var: tf.Tensor, step: tf.Tensor, training: bool | None
    ) -> tuple[tf.Tensor, QuantisedCodes]:
        """The quantised codes of a batch."""
        parts = dict(self.quantiser(mean))
        return parts.pop("z"), QuantisedCodes(**parts)
