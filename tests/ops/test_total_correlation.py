"""Total correlation estimators against loops in float64, the telescoping identity, and limits."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from tfdis import ops


def _batch(batch=7, latent=3, seed=0):
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(batch, latent))
    log_var = rng.normal(size=(batch, latent)) - 1.0
    z = mean + np.exp(log_var / 2) * rng.normal(size=(batch, latent))
    return z, mean, log_var


def _log_densities(z, mean, log_var):
    return stats.norm.logpdf(z[:, None], mean[None], np.exp(log_var / 2)[None])


def _stratified_weights(batch, size):
    """Row i: 1/N for i, (N - M) / (N M) for i + 1, and 1/M for the rest; M = batch - 1."""
    weights = np.full((batch, batch), 1.0 / (batch - 1))
    for i in range(batch):
        weights[i, i] = 1.0 / size
        weights[i, (i + 1) % batch] = (size - (batch - 1)) / (size * (batch - 1))
    return weights


def test_mws_matches_a_plain_computation():
    z, mean, log_var = _batch()
    log_q = _log_densities(z, mean, log_var)
    joint = special.logsumexp(log_q.sum(2), axis=1)
    product = special.logsumexp(log_q, axis=1).sum(1)
    expected = (joint - product).mean()
    assert float(ops.total_correlation(z, mean, log_var)) == pytest.approx(expected, rel=1e-12)
    with_constants = expected + (z.shape[1] - 1) * np.log(len(z) * 1000)
    actual = float(ops.total_correlation(z, mean, log_var, dataset_size=1000))
    assert actual == pytest.approx(with_constants, rel=1e-12)


def test_mss_matches_a_plain_computation_with_rows_that_sum_to_one():
    z, mean, log_var = _batch()
    weights = _stratified_weights(len(z), 50)
    np.testing.assert_allclose(weights.sum(1), 1.0)
    log_q = _log_densities(z, mean, log_var)
    joint = special.logsumexp(np.log(weights) + log_q.sum(2), axis=1)
    product = special.logsumexp(np.log(weights)[:, :, None] + log_q, axis=1).sum(1)
    actual = float(ops.total_correlation(z, mean, log_var, "mss", dataset_size=50))
    assert actual == pytest.approx((joint - product).mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("estimator", "size"), [("mws", None), ("mws", 500), ("mss", 500), ("even", 500)]
)
def test_parts_add_up_to_the_sampled_kl(estimator, size):
    z, mean, log_var = _batch()
    sampled = stats.norm.logpdf(z, mean, np.exp(log_var / 2)).sum(1) - stats.norm.logpdf(z).sum(1)
    parts = ops.elbo_decomposition(z, mean, log_var, estimator, size)
    assert sum(float(part) for part in parts) == pytest.approx(sampled.mean(), rel=1e-10)


def test_gaussian_codes_have_the_total_correlation_of_the_closed_form():
    rng = np.random.default_rng(1)
    mean = rng.normal(size=(512, 2))
    log_var = np.full_like(mean, -1.0)
    noise = np.exp(-0.5) * rng.normal(size=mean.shape)
    independent = float(ops.total_correlation(mean + noise, mean, log_var, dataset_size=512))
    copies = np.repeat(mean[:, :1], 2, axis=1)
    copied = float(ops.total_correlation(copies + noise, copies, log_var, dataset_size=512))
    # The weighted estimator divides by N * batch; log(N) of that is its known offset.
    offset = np.log(512)
    correlation = 1.0 / (1.0 + np.exp(-1.0))
    assert independent - offset == pytest.approx(0.0, abs=0.1)
    assert copied - offset == pytest.approx(-0.5 * np.log(1 - correlation**2), abs=0.1)


@pytest.mark.parametrize("copied", [False, True])
def test_the_even_estimate_is_the_total_correlation_itself(copied):
    """Without an offset: about 0 of independent codes, the closed form of correlated ones."""
    rng = np.random.default_rng(1)
    mean = rng.normal(size=(512, 2))
    mean = np.repeat(mean[:, :1], 2, axis=1) if copied else mean
    log_var = np.full_like(mean, -1.0)
    z = mean + np.exp(-0.5) * rng.normal(size=mean.shape)
    correlation = copied / (1.0 + np.exp(-1.0))
    expected = -0.5 * np.log(1 - correlation**2)
    estimate = float(ops.total_correlation(z, mean, log_var, "even", dataset_size=100_000))
    assert estimate == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("log_var", [-30.0, 30.0])
@pytest.mark.parametrize("estimator", ["mws", "mss", "even"])
def test_extremes_are_finite_in_value_and_gradient(log_var, estimator):
    z = tf.random.stateless_normal([8, 20], [0, 1])
    log_vars = tf.fill([8, 20], log_var)
    with tf.GradientTape() as tape:
        tape.watch([z, log_vars])
        value = ops.total_correlation(z, z, log_vars, estimator, dataset_size=100)
    gradients = tape.gradient(value, [z, log_vars])
    assert np.isfinite(value)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_errors_name_what_is_missing():
    z = tf.zeros([4, 2])
    with pytest.raises(ValueError, match=r"'mss'.*dataset_size"):
        ops.total_correlation(z, z, z, "mss")
    with pytest.raises(ValueError, match="Received: 'mwss'"):
        ops.total_correlation(z, z, z, "mwss")


@pytest.mark.long
@pytest.mark.parametrize(("batch", "size"), [(1, 10), (5, 4)])
def test_stratified_sampling_refuses_batches_that_have_no_strata(batch, size):
    z = tf.zeros([batch, 2])
    with pytest.raises(ValueError, match=f"batch={batch}, dataset_size={size}"):
        ops.total_correlation(z, z, z, "mss", dataset_size=size)

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def in_a_graph(z):
        return ops.total_correlation(z, z, z, "mss", dataset_size=size)

    with pytest.raises(tf.errors.InvalidArgumentError, match="2 <= batch <= dataset_size"):
        in_a_graph(z)


def test_a_batch_of_the_whole_data_set_is_allowed():
    z, mean, log_var = _batch()
    assert np.isfinite(float(ops.total_correlation(z, mean, log_var, "mss", dataset_size=len(z))))


def test_weighted_sampling_of_one_image_has_no_total_correlation():
    z, mean, log_var = _batch(batch=1)
    assert float(ops.total_correlation(z, mean, log_var)) == pytest.approx(0.0, abs=1e-12)


def test_shapes_that_would_broadcast_are_refused():
    z, mean, log_var = _batch()
    with pytest.raises(ValueError, match=r"one shape \[batch, latent\]"):
        ops.total_correlation(z, mean[:1], log_var[:1])
    with pytest.raises(ValueError, match=r"at least 1\. Received: 0"):
        ops.total_correlation(z, mean, log_var, dataset_size=0)
