"""The reconstruction loss: from decoded logits to one number for each image."""

from collections.abc import Callable

import gin
import tensorflow as tf

from tfdis.objectives.configurable import Configurable

ACTIVATIONS = ("logits", "tanh", "linear")
_MARGIN = 1e-6


class ReconstructionLoss(Configurable):
    """Base of reconstruction losses: negative log likelihoods summed over pixels.

    Args:
        activation: function that turns the decoder's output into pixels: "logits" (sigmoid) and
            "tanh" (tanh / 2 + 0.5) give pixels in [0, 1]; "linear" takes the output as it is, for
            standardised images and for features without bounds. Subclasses say in `activations`
            which they take.

    Raises:
        ValueError: an activation that the loss does not take.
    """

    activations = ACTIVATIONS
    # The default in Python; gin's is "logits" and must be bound where this is another.
    usual_activation = "logits"
    # False for losses that are in nats only up to a scale which nobody chose.
    in_nats = True

    def __init__(self, activation: str = "logits"):
        if activation not in self.activations:
            raise ValueError(
                f"Expected an activation of {type(self).__name__} out of {self.activations}. Received: "
                f"{activation!r}."
            )
        self.activation = activation

    def images(self, logits: tf.Tensor) -> tf.Tensor:
        """Pixels that the decoder's output stands for: in [0, 1], or with "linear" on the scale of x."""
        if self.activation == "linear":
            return tf.convert_to_tensor(logits)
        if self.activation == "tanh":
            return tf.tanh(logits) / 2.0 + 0.5
        return tf.sigmoid(logits)

    def left_out(self, x: tf.Tensor) -> tf.Tensor:
        """What the loss leaves out of -log p(x|z), in nats: nothing that the model could change.

        loss + left_out is the negative logarithm of a density of x that integrates to 1 (for the
        Bernoulli loss, of a distribution over binary images). It is counted in the ELBO alone.

        Args:
            x: images, as in a call.

        Returns:
            A scalar, or `[batch]`.
        """
        del x
        return tf.zeros([])

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """Loss of every image.

        Args:
            x: images `[batch, height, width, channels]`, in [0, 1] unless the activation is
                "linear".
            logits: decoder output of the same shape.

        Returns:
            `[batch]` losses, summed over pixels.
        """
        raise NotImplementedError


def clip_to_open_interval(probabilities: tf.Tensor) -> tf.Tensor:
    """Clips to [1e-6, 1 - 1e-6], so that logarithms stay finite."""
    return tf.clip_by_value(probabilities, _MARGIN, 1.0 - _MARGIN)


def check_scale(owner: str, scale: float) -> None:
    """Raises ValueError unless the scale of a likelihood is positive."""
    if not scale > 0:
        raise ValueError(f"{owner}: expected a positive scale. Received: {scale!r}.")


@gin.configurable("reconstruction_loss", module="tfdis.objectives")
def make_reconstruction_loss(
    loss_fn: Callable = gin.REQUIRED, activation: str = "logits"
) -> ReconstructionLoss:
    """The loss that gin names: `reconstruction_loss.loss_fn`, `reconstruction_loss.activation`.

    Args:
        loss_fn: class of the loss, in gin `@bernoulli_loss`, `@gaussian_loss`, ...
        activation: as for `ReconstructionLoss`. The default is that of disentanglement_lib, whose
            readers look for the value in the saved configuration; losses with another default of
            their own need it bound.

    Returns:
        The loss.

    Raises:
        ValueError: an activation that the loss does not take, or none for a loss whose own default
            is not "logits".
    """
    usual = getattr(loss_fn, "usual_activation", "logits")
    if activation != usual and not _is_bound("reconstruction_loss.activation"):
        raise ValueError(
            f"{loss_fn.__name__}: expected reconstruction_loss.activation to be bound. Received: nothing. "
            f"Bind it to '{usual}' for standardised images, or to 'logits' for images in [0, 1]."
        )
    return loss_fn(activation=activation)


def _is_bound(parameter):
    try:
        gin.query_parameter(parameter)
    except ValueError:
        return False
    return True
