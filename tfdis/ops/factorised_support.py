"""Distance of the support of codes from the product of the latents' supports."""

import tensorflow as tf

_EPSILON = 1e-6


def support_distance(codes: tf.Tensor, pairs: tf.Tensor) -> tf.Tensor:
    """Hausdorff distances of pairs of latents' codes to the product of both latents' values, summed.

    With {(m_ai, m_bj) : all a, b}, the product of the values of latents i and j on the batch,

      HFS_ij = max_{a,b} min_k [(m_ai - m_ki)^2 + (m_bj - m_kj)^2]

    A squared distance, 0 if every combination of values occurs. Takes batch^3 distances for each pair.

    Args:
        codes: `[batch, dim]`.
        pairs: `[num_pairs, 2]` integers, the pairs (i, j) of latents to sum over.

    Returns:
        Scalar, 0 or more, in squared units of the codes.

    References:
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347.

    Example:
        >>> corners = tf.constant([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> [float(support_distance(codes, [[0, 1]])) for codes in (corners, corners[:3])]
        [0.0, 1.0]
    """
    columns = tf.gather(tf.transpose(codes), pairs)  # [num_pairs, 2, batch]
    squares = tf.square(
        columns[..., :, None] - columns[..., None, :]
    )  # [num_pairs, 2, batch, batch]
    to_codes = squares[:, 0, :, None, :] + squares[:, 1, None, :, :]  # [num_pairs, a, b, k]
    return tf.reduce_sum(tf.reduce_max(tf.reduce_min(to_codes, axis=-1), axis=(1, 2)))


def support_shrinkage(codes: tf.Tensor) -> tf.Tensor:
    """Sum over latents of max(0, 1 - standard deviation over the batch), which keeps supports from shrinking.

    The published code takes the deviation over the latents of each image, which is not what the paper says.

    Args:
        codes: `[batch, dim]`, at least two rows.

    Returns:
        Scalar between 0 and `dim` (no unit).

    References:
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347.
    """
    num = tf.cast(tf.shape(codes)[0], codes.dtype)
    variance = tf.math.reduce_variance(codes, axis=0) * num / (num - 1)
    return tf.reduce_sum(tf.nn.relu(1 - tf.sqrt(variance + _EPSILON)))
