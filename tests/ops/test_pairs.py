"""Shared masks and averaged posteriors against numpy in float64, extremes and errors."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tfdis import ops

RNG = np.random.default_rng(0)
M1, L1, M2, L2 = RNG.normal(size=(4, 6, 5))


def _kl(mean_1, log_var_1, mean_2, log_var_2):
    v1, v2 = np.exp(log_var_1), np.exp(log_var_2)
    return 0.5 * (v1 / v2 + (mean_2 - mean_1) ** 2 / v2 - 1 + np.log(v2 / v1))


@pytest.mark.parametrize("symmetric", [False, True])
def test_mask_is_below_the_middle_of_each_pairs_own_range(symmetric):
    delta = _kl(M1, L1, M2, L2)
    if symmetric:
        delta = (delta + _kl(M2, L2, M1, L1)) / 2
    expected = [row < (row.min() + row.max()) / 2 for row in delta]
    actual = ops.adaptive_shared_mask(M1, L1, M2, L2, symmetric=symmetric)
    np.testing.assert_array_equal(actual, expected)


def test_one_way_and_symmetric_masks_differ_where_the_divergences_do():
    mean_1, mean_2 = np.zeros((1, 3)), np.array([[2.0, 3.0, 0.0]])
    log_var_1, log_var_2 = np.zeros((1, 3)), np.log([[1.0, 100.0, 1.0]])
    one_way = ops.adaptive_shared_mask(mean_1, log_var_1, mean_2, log_var_2)
    both_ways = ops.adaptive_shared_mask(mean_1, log_var_1, mean_2, log_var_2, symmetric=True)
    assert one_way.numpy().tolist() == [[False, False, True]]
    assert both_ways.numpy().tolist() == [[True, False, True]]
    other_way = ops.adaptive_shared_mask(mean_2, log_var_2, mean_1, log_var_1)
    assert other_way.numpy().tolist() == [[True, False, True]]


def test_equal_posteriors_share_nothing_by_the_strict_threshold():
    assert not ops.adaptive_shared_mask(M1, L1, M1, L1).numpy().any()


def test_gvae_averages_means_and_variances():
    mean, log_var = ops.average_posteriors(M1, L1, M2, L2)
    np.testing.assert_allclose(mean, (M1 + M2) / 2, rtol=1e-12)
    np.testing.assert_allclose(np.exp(log_var), (np.exp(L1) + np.exp(L2)) / 2, rtol=1e-12)


def test_mlvae_has_the_mean_of_the_product_and_the_harmonic_variance():
    mean, log_var = ops.average_posteriors(M1, L1, M2, L2, "mlvae")
    v1, v2 = np.exp(L1), np.exp(L2)
    np.testing.assert_allclose(np.exp(log_var), 2 * v1 * v2 / (v1 + v2), rtol=1e-12)
    z = np.linspace(-20, 20, 200001)
    product = stats.norm.pdf(z, M1[0, 0], v1[0, 0] ** 0.5) * stats.norm.pdf(
        z, M2[0, 0], v2[0, 0] ** 0.5
    )
    assert float(mean[0, 0]) == pytest.approx((z * product).sum() / product.sum(), rel=1e-6)


@pytest.mark.parametrize("kind", ["gvae", "mlvae"])
def test_the_average_of_equal_posteriors_is_that_posterior(kind):
    mean, log_var = ops.average_posteriors(M1, L1, M1, L1, kind)
    np.testing.assert_allclose(mean, M1, rtol=1e-12)
    np.testing.assert_allclose(log_var, L1, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["gvae", "mlvae"])
def test_averages_are_symmetric_in_value_and_gradient(kind):
    tensors = [tf.constant(value) for value in (M1, L1, M1, L1)]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        mean, log_var = ops.average_posteriors(*tensors, kind)
        value = tf.reduce_sum(mean + 2 * log_var)
    gradients = tape.gradient(value, tensors)
    np.testing.assert_allclose(gradients[0], gradients[2], rtol=1e-12)
    np.testing.assert_allclose(gradients[1], gradients[3], rtol=1e-12)


@pytest.mark.parametrize("kind", ["gvae", "mlvae"])
@pytest.mark.parametrize("pair", [(-30.0, 30.0), (30.0, 30.0), (-30.0, -30.0), (200.0, -200.0)])
def test_extreme_variances_are_finite_in_value_and_gradient(kind, pair):
    tensors = [
        tf.ones([1, 2]),
        tf.fill([1, 2], pair[0]),
        tf.zeros([1, 2]),
        tf.fill([1, 2], pair[1]),
    ]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        mean, log_var = ops.average_posteriors(*tensors, kind)
        value = tf.reduce_sum(mean + log_var)
    assert np.isfinite(value)
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(value, tensors))


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match="Received: 'mean'"):
        ops.average_posteriors(M1, L1, M2, L2, "mean")
    with pytest.raises(ValueError, match=r"one shape \[batch, latent\]"):
        ops.adaptive_shared_mask(M1, L1, M2[:1], L2[:1])
