"""Laplace reconstruction loss."""

import math

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss, check_scale


@registry.objective("laplace_loss")
class LaplaceLoss(ReconstructionLoss):
    """Negative log likelihood of Laplace(image, scale), summed over pixels, in nats.

    sum [|x - image| / scale + log(2 scale)]

    Args:
        activation: function that turns the decoder's output into the location; see
            `ReconstructionLoss`.
        scale: scale of a pixel (its mean absolute deviation), on the scale of x.

    Raises:
        ValueError: a scale that is not positive.
    """

    def __init__(self, activation: str = "logits", scale: float = 1.0):
        super().__init__(activation)
        check_scale(type(self).__name__, scale)
        self.scale = scale

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        deviations = tf.abs(x - self.images(logits)) / self.scale
        return tf.reduce_sum(deviations + math.log(2.0 * self.scale), axis=[1, 2, 3])
