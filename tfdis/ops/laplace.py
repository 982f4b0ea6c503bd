"""Expectations of a Laplace density under Gaussians, in closed form."""

import math

import tensorflow as tf


def laplace_cross_entropy(
    difference: tf.Tensor, log_var: tf.Tensor, rate: float = 1.0
) -> tf.Tensor:
    """-E log Laplace(u; 0, 1/rate) for u ~ N(difference, exp(log_var)), for each latent (shapes broadcast).

      CE = -log(rate / 2) + rate E|u|
      E|u| = sigma sqrt(2 / pi) exp(-t^2 / 2) + difference erf(t / sqrt 2),  t = difference / sigma

    Args:
        difference: means of the Gaussians.
        log_var: natural logarithms of their variances.
        rate: the density's rate, the inverse of its mean absolute deviation, above 0.

    Returns:
        Cross-entropies in nats, of the broadcast shape.

    Example:
        >>> round(float(laplace_cross_entropy(0.0, 0.0)), 6)
        1.491032

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """
    difference, log_var = tf.convert_to_tensor(difference), tf.convert_to_tensor(log_var)
    ratio = difference * tf.exp(-0.5 * log_var)
    spread = math.sqrt(2.0 / math.pi) * tf.exp(0.5 * log_var) * tf.exp(-0.5 * tf.square(ratio))
    distance = spread + difference * tf.math.erf(ratio / math.sqrt(2.0))
    return rate * distance - math.log(rate / 2.0)


def gaussian_entropy(log_var: tf.Tensor) -> tf.Tensor:
    """Differential entropies (log_var + log(2 pi e)) / 2 of Gaussians, in nats, of the shape of `log_var`.

    Example:
        >>> round(float(gaussian_entropy(0.0)), 6)
        1.418939
    """
    return 0.5 * (tf.convert_to_tensor(log_var) + math.log(2.0 * math.pi * math.e))
