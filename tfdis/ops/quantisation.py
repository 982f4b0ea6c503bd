"""Quantisation of codes, one latent at a time: to learned values, and to fixed grids behind a tanh."""

from collections.abc import Sequence

import tensorflow as tf

# Keeps the outermost levels of `finite_scalars` out of the tanh's reach of rounding.
_MARGIN = 1e-3


def straight_through(values: tf.Tensor, codes: tf.Tensor) -> tf.Tensor:
    """The values themselves to the last bit, with the gradient of `codes`."""
    return tf.stop_gradient(values) + (codes - tf.stop_gradient(codes))


def nearest_values(codes: tf.Tensor, tables: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The value of each latent's table that is nearest to its code; of two as near, the first.

    Args:
        codes: `[batch, dim]`.
        tables: `[dim, num_values]`, one table for each latent, or `[1, num_values]`, one for all.

    Returns:
        values: `[batch, dim]`; their gradient goes to the tables.
        indices: int32 `[batch, dim]`.

    Example:
        >>> values, indices = nearest_values(tf.constant([[0.2, 0.9]]), tf.constant([[0.0, 1.0]]))
        >>> values.numpy().tolist(), indices.numpy().tolist()
        ([[0.0, 1.0]], [[0, 1]])

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """
    indices = tf.argmin(tf.abs(codes[:, :, None] - tables), axis=2, output_type=tf.int32)
    chosen = tf.one_hot(indices, tables.shape[1], dtype=tables.dtype)
    return tf.reduce_sum(chosen * tables, axis=2), indices


def gumbel(shape: Sequence[int], seed: tf.Tensor) -> tf.Tensor:
    """Draws of the standard Gumbel distribution, float32, a function of the two integers of `seed`."""
    # Away from 0 and 1, where the logarithms are infinite.
    uniform = tf.random.stateless_uniform(shape, seed, 1e-20, 1.0)
    return -tf.math.log(-tf.math.log(tf.minimum(uniform, 1 - 1e-7)))


def finite_scalars(codes: tf.Tensor, levels: Sequence[int]) -> tuple[tf.Tensor, tf.Tensor]:
    """Finite scalar quantisation: the codes on a grid of `levels` integers for each latent.

      half = (L - 1)(1 - .001) / 2;  offset = 1/2 for even L, else 0
      bounded = half tanh(z + tan(offset / half)) - offset;  value = round(bounded) / (L // 2)

    Many copies of the authors' code have 1 + .001 and atanh in place of 1 - .001 and tan, which
    gives other values near the borders between levels.

    Args:
        codes: `[batch, dim]`.
        levels: the `dim` numbers of levels, each at least 2.

    Returns:
        (bounded, values), each `[batch, dim]`: bounded codes divided by L // 2, which is what is
        rounded, on the scale of the values; and values from -1 to 1 (for even L, to 1 - 2 / L),
        without a gradient.

    References:
        Mentzer et al. (2024), "Finite Scalar Quantization: VQ-VAE Made Simple", ICLR.
        arXiv:2309.15505.
    """
    numbers = tf.constant(levels, codes.dtype)
    half = (numbers - 1) * (1 - _MARGIN) / 2
    offset = tf.where(numbers % 2 == 0, tf.constant(0.5, codes.dtype), tf.zeros([], codes.dtype))
    bounded = tf.tanh(codes + tf.tan(offset / half)) * half - offset
    scale = numbers // 2
    return bounded / scale, tf.stop_gradient(tf.round(bounded) / scale)


def finite_scalar_indices(values: tf.Tensor, levels: Sequence[int]) -> tf.Tensor:
    """Level 0 to L - 1 of each latent of the values of `finite_scalars`, int32 `[batch, dim]`."""
    scale = tf.constant(levels, values.dtype) // 2
    return tf.cast(tf.round(values * scale + scale), tf.int32)


def rounded_tanh(codes: tf.Tensor, num_values: int) -> tuple[tf.Tensor, tf.Tensor]:
    """tanh(codes), and the index of the nearest of `num_values` evenly spaced values from -1 to 1.

      bounded = tanh(z);  value = 2 round((bounded + 1) / 2 * (V - 1)) / (V - 1) - 1

    Args:
        codes: `[batch, dim]`.
        num_values: V, at least 2.

    Returns:
        bounded: `[batch, dim]`.
        indices: int32 `[batch, dim]` from 0 to V - 1; the value of index i is 2 i / (V - 1) - 1.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
    """
    bounded = tf.tanh(codes)
    return bounded, tf.cast(tf.round((bounded + 1) / 2 * (num_values - 1)), tf.int32)
