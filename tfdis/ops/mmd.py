"""Maximum mean discrepancy between two samples."""

import tensorflow as tf

ESTIMATORS = ("biased", "unbiased")
KERNELS = ("squared_dim", "gaussian")


def mmd(
    x: tf.Tensor,
    y: tf.Tensor,
    kernel: str = "squared_dim",
    estimator: str = "biased",
    variance: float = 2.0,
) -> tf.Tensor:
    """Squared maximum mean discrepancy of two samples, with a Gaussian kernel of fixed width.

    MMD = E[k(x, x')] + E[k(y, y')] - 2 E[k(x, y)],    k(x, y) = exp(-||x - y||^2 / width)

    The biased estimate (V-statistic) averages over all pairs and is never negative; the unbiased one
    (U-statistic) leaves out the pairs of a point with itself, and can be negative.

    Args:
        x: `[num_x, dim]` points.
        y: `[num_y, dim]` points.
        kernel: "squared_dim": width = dim^2, the kernel of InfoVAE's published code and of the
            study of Abdi et al.; "gaussian": width = 2 * variance * dim.
        estimator: "biased" or "unbiased".
        variance: the variance per dimension of the "gaussian" kernel; "squared_dim" does not use
            it.

    Returns:
        Scalar estimate (no unit).

    Raises:
        ValueError: an unknown kernel or estimator, a variance that is not positive, points of
            different dimensions, or fewer than two points for the unbiased estimate.

    Example:
        >>> points = tf.random.stateless_normal([100, 2], seed=[0, 0])
        >>> abs(float(mmd(points, points))) < 1e-6
        True
        >>> float(mmd(points, points + 3.0)) > 0.5
        True

    References:
        Gretton et al. (2012), "A Kernel Two-Sample Test", JMLR 13 (equations 3 and 5).
        Zhao et al. (2017), "InfoVAE: Balancing Learning and Inference in Variational Autoencoders".
        arXiv:1706.02262.
    """
    check_mmd_options(kernel, estimator, variance)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    _check_points(x, y, estimator)
    dim = x.shape[1]
    width = float(dim * dim) if kernel == "squared_dim" else 2.0 * variance * dim
    within = sum(_mean_within(_kernel(points, points, width), estimator) for points in (x, y))
    return within - 2.0 * tf.reduce_mean(_kernel(x, y, width))


def check_mmd_options(kernel: str, estimator: str, variance: float) -> None:
    """Raises ValueError unless `mmd` takes these options."""
    for name, value, known in (("kernel", kernel, KERNELS), ("estimator", estimator, ESTIMATORS)):
        if value not in known:
            raise ValueError(f"Expected the {name} of the MMD out of {known}. Received: {value!r}.")
    if not variance > 0:
        raise ValueError(
            f"Expected the variance of the MMD's kernel to be positive. Received: {variance!r}."
        )


def _kernel(x, y, width):
    """Kernel matrix `[num_x, num_y]` through ||x||^2 - 2 x.y + ||y||^2: one product, no cube of differences."""
    squares = tf.reduce_sum(tf.square(x), axis=1)[:, None] + tf.reduce_sum(tf.square(y), axis=1)
    distances = squares - 2.0 * tf.matmul(x, y, transpose_b=True)
    # Rounding can leave a tiny negative distance.
    return tf.exp(-tf.maximum(distances, 0.0) / width)


def _mean_within(kernel, estimator):
    """Mean over the pairs of one sample; a point's kernel with itself is 1."""
    if estimator == "biased":
        return tf.reduce_mean(kernel)
    num = tf.cast(tf.shape(kernel)[0], kernel.dtype)
    return (tf.reduce_sum(kernel) - tf.linalg.trace(kernel)) / (num * (num - 1.0))


def _check_points(x, y, estimator):
    if x.shape.rank != 2 or y.shape.rank != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "Expected two samples of shapes [num_x, dim] and [num_y, dim]. Received: "
            f"{x.shape} and {y.shape}."
        )
    for points in (x, y):
        if estimator == "unbiased" and points.shape[0] == 1:
            raise ValueError(
                "The unbiased MMD leaves out the pairs of a point with itself and needs at least two "
                f"points in each sample. Received: {x.shape[0]} and {y.shape[0]}. Use a larger batch, or "
                "estimator='biased'."
            )
