"""Bernoulli reconstruction loss."""

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss, clip_to_open_interval


@registry.objective("bernoulli_loss")
class BernoulliLoss(ReconstructionLoss):
    """Cross-entropy -sum [x log p + (1 - x) log(1 - p)] over pixels, in nats.

    Args:
        activation: "logits" for p = sigmoid(logits); "tanh" for p = tanh(logits) / 2 + 0.5, clipped
            to [1e-6, 1 - 1e-6].
        subtract_true_image_entropy: whether the entropy of the image's own pixels (clipped
            likewise) is subtracted, which is the lowest value that the loss can take when pixels
            are not binary.

    References:
        Kingma and Welling (2014), "Auto-Encoding Variational Bayes", ICLR. arXiv:1312.6114
        (appendix C.1).
    """

    activations = ("logits", "tanh")

    def __init__(self, activation: str = "logits", subtract_true_image_entropy: bool = False):
        super().__init__(activation)
        self.subtract_true_image_entropy = subtract_true_image_entropy

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        if self.activation == "logits":
            per_pixel = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
        else:
            per_pixel = _cross_entropy(x, clip_to_open_interval(self.images(logits)))
        if self.subtract_true_image_entropy:
            per_pixel -= _entropy(x)
        return tf.reduce_sum(per_pixel, axis=[1, 2, 3])

    def left_out(self, x: tf.Tensor) -> tf.Tensor:
        if not self.subtract_true_image_entropy:
            return super().left_out(x)
        return tf.reduce_sum(_entropy(x), axis=[1, 2, 3])


def _entropy(x):
    true = clip_to_open_interval(x)
    return _cross_entropy(true, true)


def _cross_entropy(x, probabilities):
    return -(x * tf.math.log(probabilities) + (1.0 - x) * tf.math.log(1.0 - probabilities))
