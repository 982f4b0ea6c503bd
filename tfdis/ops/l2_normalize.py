"""Vectors of length 1; a zero vector stays zero."""

import tensorflow as tf


def l2_normalize(vectors: tf.Tensor) -> tf.Tensor:
    """Divides vectors by their Euclidean norm: v / ||v||; the norm 0 is replaced by 1.

    There is no epsilon: tiny vectors become as long as large ones. The gradient at a zero vector is
    that of dividing by 1.

    Args:
        vectors: floats `[..., size]`.

    Returns:
        Tensor of the same shape and type, of norm 1 or 0 along the last axis.

    Example:
        >>> l2_normalize(tf.constant([[3.0, 4.0], [0.0, 0.0]], tf.float64)).numpy().round(4).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    vectors = tf.convert_to_tensor(vectors)
    # The direction does not depend on the scale: squares of scaled values neither over- nor underflow.
    largest = tf.stop_gradient(tf.reduce_max(tf.abs(vectors), axis=-1, keepdims=True))
    scaled = vectors / _one_for_zero(largest)
    return scaled / tf.sqrt(_one_for_zero(tf.reduce_sum(scaled**2, axis=-1, keepdims=True)))


def _one_for_zero(values):
    # A sum instead of a selection keeps the gradient finite.
    return values + tf.cast(tf.equal(values, 0), values.dtype)
