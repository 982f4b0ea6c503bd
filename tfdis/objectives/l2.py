"""Squared-error reconstruction loss."""

import math

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss


@registry.objective("l2_loss")
class L2Loss(ReconstructionLoss):
    """Sum over pixels of (x - image(logits))^2, the pixels after the activation.

    In nats it is -log N(x; image, 1/2 I) less log(pi) / 2 per pixel value.

    Args:
      activation: "logits" (sigmoid), "tanh" (tanh / 2 + 0.5) or "linear" (the output itself).
    """

    def __call__(self, x, logits):
        return tf.reduce_sum(tf.math.squared_difference(x, self.images(logits)), axis=[1, 2, 3])

    def left_out(self, x):
        return tf.constant(0.5 * math.log(math.pi) * math.prod(x.shape[1:]))
