"""Diagonal Gaussians: KL divergence to the prior and log density."""

import math

import tensorflow as tf


def gaussian_kl(
    mean: tf.Tensor,
    log_var: tf.Tensor,
    prior_mean: float | tf.Tensor = 0.0,
    prior_log_var: float | tf.Tensor = 0.0,
) -> tf.Tensor:
    """KL divergence of N(mean, exp(log_var)) from a Gaussian prior, for each latent (shapes broadcast).

    KL = 0.5 * (mean^2 + exp(log_var) - log_var - 1)    (Kingma and Welling 2014, appendix B)

    for the prior N(0, 1) that is the default; otherwise, with d = log_var - prior_log_var,

    KL = 0.5 * ((mean - prior_mean)^2 * exp(-prior_log_var) + exp(d) - d - 1)

    Args:
        mean: `[batch, latent]` means.
        log_var: `[batch, latent]` natural logarithms of the variances.
        prior_mean: means of the prior, or of any other Gaussian to compare with.
        prior_log_var: natural logarithms of the prior's variances.

    Returns:
        `[batch, latent]` divergences in nats; sum over the last axis for the divergence of an
        image.

    Example:
        >>> gaussian_kl([[0.0, 2.0]], [[0.0, 0.0]]).numpy().tolist()
        [[0.0, 2.0]]

    References:
        Kingma and Welling (2014), "Auto-Encoding Variational Bayes", ICLR. arXiv:1312.6114.
    """
    mean, log_var = tf.convert_to_tensor(mean), tf.convert_to_tensor(log_var)
    prior_mean = tf.convert_to_tensor(prior_mean, mean.dtype)
    prior_log_var = tf.convert_to_tensor(prior_log_var, mean.dtype)
    distance = tf.math.squared_difference(mean, prior_mean) * tf.exp(-prior_log_var)
    # expm1(d) - d keeps the digits that exp(d) - d - 1 loses where the variances are close.
    difference = log_var - prior_log_var
    return 0.5 * (distance + tf.math.expm1(difference) - difference)


def gaussian_log_density(z: tf.Tensor, mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """Log density of N(mean, exp(log_var)) at z, for each latent (shapes broadcast).

    log q = -0.5 * ((z - mean)^2 * exp(-log_var) + log_var + log(2 pi))

    Args:
        z: points, `[..., latent]`.
        mean: means, `[..., latent]`.
        log_var: natural logarithms of the variances, `[..., latent]`.

    Returns:
        Log densities in nats, of the broadcast shape.

    Example:
        >>> round(float(gaussian_log_density(0.0, 0.0, 0.0)), 6)
        -0.918939
    """
    z, mean, log_var = (tf.convert_to_tensor(value) for value in (z, mean, log_var))
    return -0.5 * (tf.square(z - mean) * tf.exp(-log_var) + log_var + math.log(2.0 * math.pi))
