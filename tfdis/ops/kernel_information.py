"""Multi-information of codes by kernel density estimates, of Tripod."""

import math

import tensorflow as tf

BANDWIDTHS = ("deviation", "joint", "silverman")


def kernel_multi_information(
    z: tf.Tensor, deviations: tf.Tensor, marginal_bandwidth: str = "deviation"
) -> tf.Tensor:
    """Kernel estimate of KL(q(z) || prod_k q(z_k)), the information that latents share, on a batch.

    With B codes of n latents, deviations d and s = (4 / (n + 2))^(1 / (n + 4)) B^(-1 / (n + 4)),

      log q(z_i) = logsumexp_j sum_k log N(z_ik; z_jk, (s d_k)^2) - log B
      log q(z_ik) = logsumexp_j log N(z_ik; z_jk, (b d_k)^2) - log B
      value = mean_i [log q(z_i) - sum_k log q(z_ik)]

    j = i is included. s is Silverman's rule for n dimensions. Where b is not s, the estimate has a
    bias: even independent codes have a value other than 0.

    Args:
        z: `[batch, dim]` codes.
        deviations: `[dim]` standard deviations of the codes, positive.
        marginal_bandwidth: "deviation" for b = 1, which the published code has; "silverman" for s
            with n = 1; "joint" for b = s, with which codes that are the same but in one latent have
            the value 0.

    Returns:
        Scalar in nats.

    Raises:
        ValueError: an unknown bandwidth.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
    """
    if marginal_bandwidth not in BANDWIDTHS:
        raise ValueError(
            f"Expected a marginal_bandwidth of {BANDWIDTHS}. Received: {marginal_bandwidth!r}."
        )
    batch = tf.cast(tf.shape(z)[0], z.dtype)
    joint = _silverman(batch, z.shape[1])
    own = {"deviation": 1.0, "joint": joint, "silverman": _silverman(batch, 1)}[marginal_bandwidth]
    squares = tf.square((z[:, None] - z[None]) / deviations)  # [i, j, k]

    def log_density(bandwidth):
        constant = tf.math.log(bandwidth * deviations) + 0.5 * math.log(2 * math.pi)
        return -0.5 * squares / tf.square(tf.cast(bandwidth, z.dtype)) - constant

    log_joint = tf.reduce_logsumexp(tf.reduce_sum(log_density(joint), axis=2), axis=1)
    log_marginals = tf.reduce_logsumexp(log_density(own), axis=1)  # [i, k]
    log_batch = tf.math.log(batch)
    return tf.reduce_mean(log_joint - log_batch - tf.reduce_sum(log_marginals - log_batch, axis=1))


def _silverman(batch, dim):
    """Silverman's factor of the deviations for so many points and dimensions."""
    return (4 / (dim + 2)) ** (1 / (dim + 4)) * tf.pow(batch, -1 / (dim + 4))
