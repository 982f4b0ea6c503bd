"""KL and log density against scipy in float64, limits and extremes."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from tfdis import ops


def test_kl_is_the_integral_of_its_definition():
    mean, log_var = 0.7, -0.4
    posterior = stats.norm(mean, np.exp(log_var / 2))
    expected, _ = integrate.quad(
        lambda z: posterior.pdf(z) * (posterior.logpdf(z) - stats.norm.logpdf(z)), -12, 12
    )
    assert float(ops.gaussian_kl(np.float64(mean), np.float64(log_var))) == pytest.approx(expected)


def test_kl_of_the_prior_is_zero():
    zeros = tf.zeros([3, 5])
    np.testing.assert_array_equal(ops.gaussian_kl(zeros, zeros), np.zeros([3, 5]))


def test_log_density_matches_scipy():
    rng = np.random.default_rng(0)
    z, mean, log_var = rng.normal(size=(3, 6, 4))
    expected = stats.norm.logpdf(z, mean, np.exp(log_var / 2))
    np.testing.assert_allclose(ops.gaussian_log_density(z, mean, log_var), expected, rtol=1e-12)


@pytest.mark.parametrize("log_var", [-30.0, 30.0])
def test_extreme_variances_are_finite_in_value_and_gradient(log_var):
    mean, log_var = tf.constant([[0.5]]), tf.constant([[log_var]])
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        kl = ops.gaussian_kl(mean, log_var)
    gradients = tape.gradient(kl, [mean, log_var])
    assert np.isfinite(kl).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_kl_to_another_gaussian_is_the_integral_of_its_definition():
    posterior, prior = stats.norm(0.7, np.exp(-0.2)), stats.norm(-0.3, np.exp(0.3))
    expected, _ = integrate.quad(
        lambda z: posterior.pdf(z) * (posterior.logpdf(z) - prior.logpdf(z)), -12, 12
    )
    actual = ops.gaussian_kl(np.float64(0.7), np.float64(-0.4), np.float64(-0.3), np.float64(0.6))
    assert float(actual) == pytest.approx(expected)


def test_kl_of_nearly_equal_variances_keeps_its_digits():
    # 0.5 (exp(d) - d - 1) is d^2 / 4 + d^3 / 12: float32 would round the plain form to a multiple of 6e-8.
    d = np.float32(1e-3)
    expected = float(d) ** 2 / 4 + float(d) ** 3 / 12
    assert float(ops.gaussian_kl(np.float32(0.0), d)) == pytest.approx(expected, rel=1e-3)
