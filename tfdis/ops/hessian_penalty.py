"""The normalised Hessian penalty: how far a function is from a sum of functions of single inputs."""

from collections.abc import Callable

import tensorflow as tf

_EPSILON = 1e-10


def normalised_hessian_penalty(
    function: Callable,
    z: tf.Tensor,
    scale: tf.Tensor,
    signs: tf.Tensor,
    normals: tf.Tensor,
    step: float = 0.1,
) -> tf.Tensor:
    """Share of a function's second derivatives that are mixed, summed over its outputs.

    With the second difference along a direction v, scaled by each input's deviation,

      D(v) = [f(z + h) - 2 f(z) + f(z - h)] / step^2,  h = step * scale * v

    the variance of D over directions of random signs estimates 2 sum_{i != j} H_ij^2, and over
    normal directions 2 sum_ij H_ij^2, H the scaled Hessian of one element of f. For each image and
    output: the mean over elements of the former, divided by that of the latter plus 1e-10.

    Args:
        function: maps `[n, dim]` to a list of outputs, each `[n, ...]`; float32 at least, since
            digits cancel in D.
        z: `[batch, dim]` points.
        scale: `[dim]` deviations of the inputs.
        signs: `[directions, batch, dim]` of -1 and 1.
        normals: `[directions, batch, dim]` draws of N(0, 1).
        step: length of the differences.

    Returns:
        `[batch]` penalties without unit; 0 where no second derivative is mixed.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
        Peebles et al. (2020), "The Hessian Penalty: A Weak Prior for Unsupervised Disentanglement",
        ECCV. arXiv:2008.10599.
    """
    num = signs.shape[0]
    moves = step * scale * tf.concat([signs, normals], axis=0)
    points = tf.concat([z[None], z + moves, z - moves], axis=0)
    outputs = function(tf.reshape(points, [-1, z.shape[1]]))
    total = tf.zeros(tf.shape(z)[:1], z.dtype)
    for output in outputs:
        values = tf.reshape(output, [1 + 4 * num, tf.shape(z)[0], -1])
        middle, above, below = values[:1], values[1 : 1 + 2 * num], values[1 + 2 * num :]
        second = (above - 2 * middle + below) / step**2
        mixed, every = (
            tf.reduce_mean(tf.math.reduce_variance(part, axis=0), axis=1)
            for part in (second[:num], second[num:])
        )
        total += mixed / (every + _EPSILON)
    return total
