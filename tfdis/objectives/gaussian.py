"""Gaussian reconstruction loss, with a fixed or a learned scale."""

import math

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss, check_scale


@registry.objective("gaussian_loss")
class GaussianLoss(ReconstructionLoss):
    """Negative log likelihood of N(image, scale^2 I), summed over pixels, in nats.

    sum [(x - image)^2 / (2 scale^2) + log scale + log(2 pi) / 2]

    With `learn_scale` one scale for all pixels is trained with the model (sigma-VAE), so that the
    balance of reconstruction and KL divergence needs no beta.

    Args:
        activation: function that turns the decoder's output into the mean; see
            `ReconstructionLoss`.
        scale: standard deviation of a pixel, on the scale of x; if it is learned, its initial
            value.
        learn_scale: whether the scale is trained. It stays above exp(-6), as the paper's code keeps
            it, so that images which can be reconstructed exactly have a finite likelihood.

    Raises:
        ValueError: a scale that is not positive, or a learned one of at most exp(-6).

    References:
        Rybkin et al. (2021), "Simple and Effective VAE Training with Calibrated Decoders", ICML.
        arXiv:2006.13202 (section 3.2).
    """

    def __init__(self, activation: str = "logits", scale: float = 1.0, learn_scale: bool = False):
        super().__init__(activation)
        check_scale(type(self).__name__, scale)
        self.scale = scale
        self.learn_scale = learn_scale
        if learn_scale:
            self.layer = LearnedLogScale(scale)

    @property
    def log_scale(self) -> tf.Tensor | float:
        """Natural logarithm of the scale: a number, or a scalar tensor if it is learned."""
        return self.layer.log_scale() if self.learn_scale else math.log(self.scale)

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        images = self.images(logits)
        log_scale = tf.cast(self.log_scale, images.dtype)
        squares = tf.math.squared_difference(tf.cast(x, images.dtype), images)
        per_pixel = 0.5 * squares * tf.exp(-2.0 * log_scale) + log_scale
        return tf.reduce_sum(per_pixel + 0.5 * math.log(2.0 * math.pi), axis=[1, 2, 3])


class LearnedLogScale(keras.layers.Layer):
    """One trained scalar: a log scale that never falls below -6, min + softplus(raw - min).

    Args:
        initial_scale: the scale at the start, above exp(-6).
    """

    minimum = -6.0

    def __init__(self, initial_scale: float):
        super().__init__(dtype="float32", name="learned_scale")
        above = math.log(initial_scale) - self.minimum
        if not above > 0:
            raise ValueError(
                f"Expected a learned scale to start above exp({self.minimum:g}). Received: "
                f"{initial_scale!r}."
            )
        raw = self.minimum + above + math.log(-math.expm1(-above))
        self.raw = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(raw), name="raw_log_scale"
        )
        self.built = True

    def log_scale(self) -> tf.Tensor:
        """The log scale, a scalar."""
        return self.minimum + tf.math.softplus(tf.convert_to_tensor(self.raw) - self.minimum)
