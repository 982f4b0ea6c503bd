"""Continuous Bernoulli reconstruction loss."""

import math

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss

# Below this size of the logit, its functions are summed as power series.
_SERIES_LIMIT = 0.3
# The logit of 1 - 1e-6, at which the "tanh" activation of disentanglement_lib clips the probability.
_LARGEST_TANH_LOGIT = math.log(1.0 - 1e-6) - math.log(1e-6)


@registry.objective("continuous_bernoulli_loss")
class ContinuousBernoulliLoss(ReconstructionLoss):
    """Negative log density of the continuous Bernoulli on [0, 1], summed over pixels, in nats.

    -sum [x log p + (1 - x) log(1 - p) + log C(p)],    C(p) = 2 artanh(1 - 2p) / (1 - 2p)    (equation 4)

    C is computed from the logit l of p as C = l / tanh(l / 2), so that the density is finite and
    smooth at p = 0.5, and for any l. Since it is a density, it can exceed 1, and the loss can be
    negative.

    Args:
        activation: "logits" for p = sigmoid(logits); "tanh" for p = tanh(logits) / 2 + 0.5, which
            is sigmoid(2 logits), clipped to [1e-6, 1 - 1e-6].

    References:
        Loaiza-Ganem and Cunningham (2019), "The Continuous Bernoulli: Fixing a Pervasive Error in
        Variational Autoencoders", NeurIPS. arXiv:1907.06845.
    """

    activations = ("logits", "tanh")

    def images(self, logits: tf.Tensor) -> tf.Tensor:
        """Means of the pixels, p / (2p - 1) + 1 / (2 artanh(1 - 2p)); the mean is not p itself."""
        return _mean(self._logits_of_p(logits))

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        logits = self._logits_of_p(logits)
        cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
        return tf.reduce_sum(cross_entropy - _log_normaliser(logits), axis=[1, 2, 3])

    def _logits_of_p(self, logits):
        logits = tf.convert_to_tensor(logits)
        if self.activation == "logits":
            return logits
        return tf.clip_by_value(2.0 * logits, -_LARGEST_TANH_LOGIT, _LARGEST_TANH_LOGIT)


def _log_normaliser(logits):
    """log(l / tanh(l / 2)), an even function that is log 2 at 0 and log |l| far from it."""
    size, is_small = _split(logits)
    far = tf.math.log(size) - tf.math.log(tf.tanh(size / 2.0))
    square = tf.square(tf.where(is_small, logits, tf.zeros_like(logits)))
    # log(h coth h) = h^2/3 - 7 h^4/90 + 62 h^6/2835 - 127 h^8/18900 + ..., with h = l / 2.
    series = square * (
        1 / 12 + square * (-7 / 1440 + square * (31 / 90720 - square * (127 / 4838400)))
    )
    return tf.where(is_small, math.log(2.0) + series, far)


def _mean(logits):
    """(1 + coth(l / 2)) / 2 - 1 / l, which goes from 0 through 1/2 at l = 0 to 1."""
    size, is_small = _split(logits)
    far = 0.5 + tf.sign(logits) * (0.5 / tf.tanh(size / 2.0) - 1.0 / size)
    near = tf.where(is_small, logits, tf.zeros_like(logits))
    square = tf.square(near)
    # coth(h) / 2 - 1 / (2 h) = h/6 - h^3/90 + h^5/945 - h^7/9450 + ..., with h = l / 2.
    series = near * (1 / 12 + square * (-1 / 720 + square * (1 / 30240 - square / 1209600)))
    return tf.where(is_small, 0.5 + series, far)


def _split(logits):
    """Sizes of the logits, kept away from 0 where the series is used, so that no gradient is NaN."""
    is_small = tf.abs(logits) < _SERIES_LIMIT
    return tf.where(is_small, tf.ones_like(logits), tf.abs(logits)), is_small
