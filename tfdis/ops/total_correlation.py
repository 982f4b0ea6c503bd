"""Minibatch estimators of the aggregate posterior: total correlation and the ELBO decomposition."""

import math

import tensorflow as tf

from tfdis.ops.gaussian import gaussian_log_density

ESTIMATORS = ("mws", "mss", "even")


def total_correlation(
    z: tf.Tensor,
    mean: tf.Tensor,
    log_var: tf.Tensor,
    estimator: str = "mws",
    dataset_size: int | None = None,
) -> tf.Tensor:
    """Total correlation of the aggregate posterior, KL(q(z) || prod_l q(z_l)), on a batch.

    Minibatch-weighted sampling (equation S6 of the paper), constants omitted as disentanglement_lib
    does when `dataset_size` is None:

        TC = mean_i [ logsumexp_j sum_l log q(z_il|x_j) - sum_l logsumexp_j log q(z_il|x_j) ]

    MWS is made to be minimised: its weights 1 / (batch * N) sum to 1 / N, so that with its constants it
    lies about (latent - 1) * log(N) above the total correlation (tens of nats), and without them tens of
    nats below. The weights of the other two sum to 1. To know the total correlation, take "even":

        q(z_i) = 1/N q(z_i|x_i) + (1 - 1/N) / (batch - 1) sum_{j != i} q(z_i|x_j)

    which is the mean of equation S8's weights over the choice of the other image that forms the
    remaining stratum.

    Args:
        z: `[batch, latent]` samples of the posteriors.
        mean: `[batch, latent]` posterior means.
        log_var: `[batch, latent]` posterior log variances.
        estimator: "mws" (minibatch weighted), "mss" (minibatch stratified, equation S8) or "even".
        dataset_size: number of images N of the data set. With it, "mws" adds its constant
            (latent - 1) * log(batch * N); "mss" needs it; "even" without it takes the batch for the
            whole data set, N = batch, whose total correlation is higher.

    Returns:
        Scalar estimate in nats.

    Raises:
        ValueError: an unknown estimator, a data set size that is no positive integer, "mss" without
            one, or tensors that are not of one shape `[batch, latent]`.
        ValueError or tf.errors.InvalidArgumentError: "mss" with a batch of one image, or of more
            images than the data set has; which of the two is raised depends on whether the batch
            size is known to the graph.

    Example:
        >>> z = tf.zeros([4, 3])
        >>> float(total_correlation(z, z, z, dataset_size=4) - 2 * math.log(16 / 4)) < 1e-5
        True

    References:
        Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
        NeurIPS. arXiv:1802.04942.
    """
    log_qz, log_qz_product = _log_aggregate(z, mean, log_var, estimator, dataset_size)
    return tf.reduce_mean(log_qz - log_qz_product)


def elbo_decomposition(
    z: tf.Tensor,
    mean: tf.Tensor,
    log_var: tf.Tensor,
    estimator: str = "mws",
    dataset_size: int | None = None,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Splits the sampled KL into mutual information, total correlation and dimension-wise KL.

    KL(q(z|x) || p(z)) = I(z; x) + KL(q(z) || prod_l q(z_l)) + sum_l KL(q(z_l) || p(z_l))
    (equation 2 of the paper); on one batch the three parts telescope to mean[log q(z|x) - log p(z)].
    For "mws" without `dataset_size` each part lacks its constant; the three constants cancel in the sum.

    Args:
        z: `[batch, latent]` samples of the posteriors.
        mean: `[batch, latent]` posterior means.
        log_var: `[batch, latent]` posterior log variances.
        estimator: "mws", "mss" or "even".
        dataset_size: number of images of the data set; see `total_correlation`.

    Returns:
        Tuple of scalars in nats: (mutual information, total correlation, dimension-wise KL).

    Raises:
        ValueError: as for `total_correlation`.

    References:
        Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
        NeurIPS. arXiv:1802.04942.
    """
    z = tf.convert_to_tensor(z)
    log_qz, log_qz_product = _log_aggregate(z, mean, log_var, estimator, dataset_size)
    log_qz_given_x = tf.reduce_sum(gaussian_log_density(z, mean, log_var), axis=1)
    zero = tf.zeros([], z.dtype)
    log_prior = tf.reduce_sum(gaussian_log_density(z, zero, zero), axis=1)
    return (
        tf.reduce_mean(log_qz_given_x - log_qz),
        tf.reduce_mean(log_qz - log_qz_product),
        tf.reduce_mean(log_qz_product - log_prior),
    )


def _log_aggregate(z, mean, log_var, estimator, dataset_size):
    """Returns log q(z_i) and sum_l log q(z_il), each `[batch]`, up to MWS's omitted constants."""
    check_estimator(estimator, dataset_size)
    z, mean, log_var = (tf.convert_to_tensor(value) for value in (z, mean, log_var))
    _check_shapes(z, mean, log_var)
    # [i, j, l]: the density of sample i under the posterior of image j.
    log_densities = gaussian_log_density(z[:, None], mean[None], log_var[None])
    batch_size = tf.cast(tf.shape(z)[0], z.dtype)
    if estimator != "mws":
        weigh = _log_stratified_weights if estimator == "mss" else _log_even_weights
        log_weights = weigh(tf.shape(z)[0], dataset_size, z.dtype)
        log_densities_joint = tf.reduce_sum(log_densities, axis=2) + log_weights
        log_densities += log_weights[:, :, None]
        constant = tf.zeros([], z.dtype)
    else:
        log_densities_joint = tf.reduce_sum(log_densities, axis=2)
        constant = tf.zeros([], z.dtype)
        if dataset_size is not None:
            constant = tf.math.log(batch_size) + math.log(dataset_size)
    log_qz = tf.reduce_logsumexp(log_densities_joint, axis=1) - constant
    num_latent = tf.cast(tf.shape(z)[1], z.dtype)
    log_qz_product = tf.reduce_sum(tf.reduce_logsumexp(log_densities, axis=1), axis=1)
    return log_qz, log_qz_product - num_latent * constant


def _log_stratified_weights(batch_size, dataset_size, dtype):
    """Log of the stratified weights W `[batch, batch]` (equation S8, M = batch - 1); rows sum to 1.

    The image itself has weight 1/N, one other image (N - M) / (N M), every remaining one 1/M.
    """
    num_others = tf.cast(_checked_batch_size(batch_size, dataset_size) - 1, dtype)
    size = tf.cast(dataset_size, dtype)
    diagonal = tf.eye(batch_size, dtype=dtype)
    stratum = tf.roll(diagonal, shift=1, axis=1)
    rest = 1.0 - diagonal - stratum
    weights = (
        diagonal / size + stratum * (size - num_others) / (size * num_others) + rest / num_others
    )
    return tf.math.log(weights)


def _log_even_weights(batch_size, dataset_size, dtype):
    """Log of 1/N for the image itself and (1 - 1/N) / (batch - 1) for the others; rows sum to 1."""
    size = batch_size if dataset_size is None else tf.where(batch_size > 1, dataset_size, 1)
    own = 1.0 / tf.cast(size, dtype)
    others = (1.0 - own) / tf.cast(tf.maximum(batch_size - 1, 1), dtype)
    diagonal = tf.eye(batch_size, dtype=dtype)
    return tf.math.log(diagonal * own + (1.0 - diagonal) * others)


def _checked_batch_size(batch_size, dataset_size):
    """Batch size for "mss": refused unless the stratified weights are a distribution (2 to N)."""
    message = (
        "The stratified estimator ('mss') takes 2 <= batch <= dataset_size. Use other sizes, or "
        "estimator='mws'. Received: "
    )
    static = tf.get_static_value(batch_size)
    if static is not None:
        if not 2 <= static <= dataset_size:
            raise ValueError(f"{message}batch={static}, dataset_size={dataset_size}.")
        return batch_size
    is_valid = tf.logical_and(batch_size >= 2, batch_size <= dataset_size)
    check = tf.debugging.Assert(
        is_valid, [f"{message}dataset_size={dataset_size}, batch=", batch_size]
    )
    with tf.control_dependencies([check]):
        return tf.identity(batch_size)


def _check_shapes(z, mean, log_var):
    shapes = [tensor.shape for tensor in (z, mean, log_var)]
    if any(s.rank != 2 or not s.is_compatible_with(shapes[0]) for s in shapes):
        raise ValueError(
            "Expected z, mean and log_var of one shape [batch, latent]. Received: "
            f"{shapes[0]}, {shapes[1]} and {shapes[2]}."
        )


def check_estimator(estimator: str, dataset_size: int | None) -> None:
    """Raises ValueError unless the estimator is known and has the data set size that it needs."""
    if estimator not in ESTIMATORS:
        raise ValueError(f"Expected an estimator out of {ESTIMATORS}. Received: {estimator!r}.")
    if estimator == "mss" and dataset_size is None:
        raise ValueError(
            "The stratified estimator ('mss') needs dataset_size, the number of images of the data "
            "set. Received: None. Pass it, or use estimator='mws'."
        )
    if dataset_size is not None and not dataset_size >= 1:
        raise ValueError(
            "Expected dataset_size, the number of images of the data set, to be at least 1. Received: "
            f"{dataset_size!r}."
        )
