"""Posteriors of a pair of images: which latents the two share, and the shared posterior."""

import math

import tensorflow as tf

from tfdis.ops.gaussian import gaussian_kl

AVERAGES = ("gvae", "mlvae")


def adaptive_shared_mask(
    mean_1: tf.Tensor,
    log_var_1: tf.Tensor,
    mean_2: tf.Tensor,
    log_var_2: tf.Tensor,
    symmetric: bool = False,
) -> tf.Tensor:
    """Which latents a pair shares, by the adaptive threshold of Ada-GVAE and Ada-ML-VAE.

    shared_j = delta_j < tau,    tau = (max_j delta_j + min_j delta_j) / 2,

    with a threshold tau for each pair, and delta_j = KL(q(z_j|x_1) || q(z_j|x_2)), or the mean of the
    KL divergences of both directions. Where all delta_j of a pair are equal, nothing is shared.

    Args:
        mean_1: `[batch, latent]` posterior means of the first images.
        log_var_1: `[batch, latent]` posterior log variances of the first images.
        mean_2: `[batch, latent]` posterior means of the second images.
        log_var_2: `[batch, latent]` posterior log variances of the second images.
        symmetric: whether delta is the mean of both directions (Michlo et al.) or the first one
            alone (Locatello et al.).

    Returns:
        Boolean tensor `[batch, latent]`; it passes no gradient.

    Raises:
        ValueError: the posteriors differ in shape.

    Example:
        >>> zeros = tf.zeros([1, 3])
        >>> adaptive_shared_mask(zeros, zeros, tf.constant([[0.1, 0.0, 2.0]]), zeros).numpy().tolist()
        [[True, True, False]]

    References:
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886 (section 4).
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix B.2: the symmetric KL).
    """
    mean_1, log_var_1, mean_2, log_var_2 = _pair(mean_1, log_var_1, mean_2, log_var_2)
    delta = gaussian_kl(mean_1, log_var_1, mean_2, log_var_2)
    if symmetric:
        delta = 0.5 * delta + 0.5 * gaussian_kl(mean_2, log_var_2, mean_1, log_var_1)
    least = tf.reduce_min(delta, axis=1, keepdims=True)
    greatest = tf.reduce_max(delta, axis=1, keepdims=True)
    return delta < 0.5 * least + 0.5 * greatest


def average_posteriors(
    mean_1: tf.Tensor,
    log_var_1: tf.Tensor,
    mean_2: tf.Tensor,
    log_var_2: tf.Tensor,
    kind: str = "gvae",
) -> tuple[tf.Tensor, tf.Tensor]:
    """Average of two Gaussian posteriors, for each latent.

    "gvae":  mean = (m1 + m2) / 2,                 var = (v1 + v2) / 2
    "mlvae": mean = (m1 / v1 + m2 / v2) * var / 2,  var = 2 v1 v2 / (v1 + v2)

    "mlvae" has the mean of the product of the two Gaussians, and the harmonic mean of their variances
    (so that the average of two equal posteriors is that posterior).

    Args:
        mean_1: `[batch, latent]` posterior means of the first images.
        log_var_1: `[batch, latent]` posterior log variances of the first images.
        mean_2: `[batch, latent]` posterior means of the second images.
        log_var_2: `[batch, latent]` posterior log variances of the second images.
        kind: "gvae" or "mlvae".

    Returns:
        Tuple (mean, log_var), each `[batch, latent]`.

    Raises:
        ValueError: an unknown kind, or posteriors of different shapes.

    Example:
        >>> one, two = tf.constant([[0.0]]), tf.constant([[1.0]])
        >>> mean, log_var = average_posteriors(one, tf.math.log([[1.0]]), two, tf.math.log([[3.0]]), "mlvae")
        >>> round(float(mean[0, 0]), 4), round(float(tf.exp(log_var)[0, 0]), 4)
        (0.25, 1.5)

    References:
        Hosoya (2019), "Group-based Learning of Disentangled Representations with Generalizability
        for Novel Contents", IJCAI ("gvae").
        Bouchacourt et al. (2018), "Multi-Level Variational Autoencoder: Learning Disentangled
        Representations from Grouped Observations", AAAI. arXiv:1705.08841 ("mlvae").
    """
    if kind not in AVERAGES:
        raise ValueError(f"Expected the kind of average out of {AVERAGES}. Received: {kind!r}.")
    mean_1, log_var_1, mean_2, log_var_2 = _pair(mean_1, log_var_1, mean_2, log_var_2)
    if kind == "gvae":
        log_var = _log_add_exp(log_var_1, log_var_2) - math.log(2.0)
        return 0.5 * mean_1 + 0.5 * mean_2, log_var
    log_var = math.log(2.0) - _log_add_exp(-log_var_1, -log_var_2)
    # v2 / (v1 + v2), the weight of the first mean, without ever forming a variance.
    weight = tf.sigmoid(log_var_2 - log_var_1)
    return weight * mean_1 + (1.0 - weight) * mean_2, log_var


def _log_add_exp(a, b):
    return b + tf.math.softplus(a - b)


def _pair(*tensors):
    """Converts the four tensors of a pair, which have one shape `[batch, latent]`."""
    tensors = [tf.convert_to_tensor(tensor) for tensor in tensors]
    shapes = [tensor.shape for tensor in tensors]
    if any(s.rank != 2 or not s.is_compatible_with(shapes[0]) for s in shapes):
        raise ValueError(
            "Expected two posteriors: four tensors of one shape [batch, latent]. Received: "
            f"{', '.join(str(shape) for shape in shapes)}."
        )
    return tensors
