"""Covariance of the codes of a batch, and DIP-VAE's penalty on it."""

import tensorflow as tf

DIP_KINDS = ("i", "ii")


def covariance(mean: tf.Tensor) -> tf.Tensor:
    """Biased covariance of a batch of codes.

    Cov(mean) = E[(mean - E[mean]) (mean - E[mean])^T], the expectation being the batch mean.

    Args:
        mean: `[batch, latent]` codes.

    Returns:
        `[latent, latent]` covariances.

    Example:
        >>> covariance([[1.0, 0.0], [-1.0, 0.0]]).numpy().tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    mean = tf.convert_to_tensor(mean)
    if mean.shape.rank != 2:
        raise ValueError(f"Expected codes of shape [batch, latent]. Received: {mean.shape}.")
    centred = mean - tf.reduce_mean(mean, axis=0, keepdims=True)
    return tf.matmul(centred, centred, transpose_a=True) / tf.cast(tf.shape(mean)[0], mean.dtype)


def dip_penalty(
    mean: tf.Tensor,
    log_var: tf.Tensor,
    kind: str = "i",
    lambda_od: float | tf.Tensor = 1.0,
    lambda_d: float | tf.Tensor = 1.0,
) -> tf.Tensor:
    """DIP-VAE's distance of the covariance C of the codes from the identity.

    lambda_od * sum_{i != j} C_ij^2 + lambda_d * sum_i (C_ii - 1)^2    (equations 6 and 7)

    DIP-VAE-I takes C = Cov(mean); DIP-VAE-II takes the covariance of the samples,
    C = Cov(mean) + E[diag(exp(log_var))].

    Args:
        mean: `[batch, latent]` posterior means.
        log_var: `[batch, latent]` posterior log variances; DIP-VAE-I does not use them.
        kind: "i" or "ii".
        lambda_od: weight of the off-diagonal entries.
        lambda_d: weight of the diagonal entries' distance from 1.

    Returns:
        Scalar penalty (no unit).

    Raises:
        ValueError: an unknown kind, or codes that are not `[batch, latent]`.

    Example:
        >>> codes = [[1.0, 1.0], [-1.0, -1.0]]
        >>> float(dip_penalty(codes, tf.zeros([2, 2]), "i", lambda_od=10.0, lambda_d=5.0))
        20.0
        >>> float(dip_penalty(codes, tf.zeros([2, 2]), "ii", lambda_od=10.0, lambda_d=5.0))
        30.0

    References:
        Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
        Observations", ICLR. arXiv:1711.00848.
    """
    check_dip_kind(kind)
    matrix = covariance(mean)
    variances = tf.linalg.diag_part(matrix)
    off_diagonal = matrix - tf.linalg.diag(variances)
    if kind == "ii":
        variances += tf.reduce_mean(tf.exp(tf.convert_to_tensor(log_var)), axis=0)
    return lambda_od * tf.reduce_sum(tf.square(off_diagonal)) + lambda_d * tf.reduce_sum(
        tf.math.squared_difference(variances, tf.ones([], variances.dtype))
    )


def check_dip_kind(kind: str) -> None:
    """Raises ValueError unless `kind` is "i" or "ii"."""
    if kind not in DIP_KINDS:
        raise ValueError(
            f"Expected the kind of the DIP penalty out of {DIP_KINDS}. Received: {kind!r}."
        )
