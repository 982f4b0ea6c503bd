"""The reconstruction loss: from decoded logits to one number an image."""

from collections.abc import Callable

import gin
import tensorflow as tf

from tfdis.objectives.configurable import Configurable

ACTIVATIONS = ("logits", "tanh")
_MARGIN = 1e-6


class ReconstructionLoss(Configurable):
    """Base of reconstruction losses: negative log likelihoods summed over pixels.

    Args:
      activation: how logits become pixels: "logits" (sigmoid) or "tanh" (tanh / 2 + 0.5).

    Raises:
      ValueError: an unknown activation.
    """

    def __init__(self, activation="logits"):
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"Expected an activation out of {ACTIVATIONS}. Received: {activation!r}."
            )
        self.activation = activation

    def images(self, logits) -> tf.Tensor:
        """Pixels in [0, 1] that the logits stand for."""
        if self.activation == "tanh":
            return tf.tanh(logits) / 2.0 + 0.5
        return tf.sigmoid(logits)

    def __call__(self, x, logits) -> tf.Tensor:
        """Loss of every image.

        Args:
          x: images in [0, 1], `[batch, height, width, channels]`.
          logits: decoder output of the same shape.

        Returns:
          `[batch]` losses, summed over pixels.
        """
        raise NotImplementedError


def clip_to_open_interval(probabilities) -> tf.Tensor:
    """Clips to [1e-6, 1 - 1e-6], so that logarithms stay finite."""
    return tf.clip_by_value(probabilities, _MARGIN, 1.0 - _MARGIN)


@gin.configurable("reconstruction_loss", module="tfdis.objectives")
def make_reconstruction_loss(
    loss_fn: Callable = gin.REQUIRED, activation: str = "logits"
) -> ReconstructionLoss:
    """Builds the loss that gin names: `reconstruction_loss.loss_fn`, `reconstruction_loss.activation`."""
    return loss_fn(activation=activation)
