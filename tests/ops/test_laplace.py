"""Cross-entropy of Gaussians and a Laplace density: against quadrature, its gradient, and extremes."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from tfdis import ops


@pytest.mark.parametrize("rate", [0.5, 6.0])
@pytest.mark.parametrize(("difference", "deviation"), [(0.0, 1.0), (1.3, 0.4), (-0.7, 2.0)])
def test_it_is_the_expectation(rate, difference, deviation):
    def integrand(u):
        return -stats.laplace.logpdf(u, scale=1 / rate) * stats.norm.pdf(u, difference, deviation)

    ends = difference + np.array([-12, 12]) * deviation
    expected = integrate.quad(integrand, *ends, points=[0.0], epsabs=1e-11)[0]
    log_var = tf.constant(2 * np.log(deviation))
    found = ops.laplace_cross_entropy(tf.constant(difference, tf.float64), log_var, rate)
    assert float(found) == pytest.approx(expected, abs=1e-8)


def test_entropy_is_that_of_a_gaussian():
    found = ops.gaussian_entropy(tf.constant([-1.0, 2.0], tf.float64))
    np.testing.assert_allclose(found, stats.norm.entropy(scale=np.exp([-0.5, 1.0])))


def test_extremes_are_finite_in_value_and_gradient():
    difference = tf.constant([0.0, 1e-3, 50.0, -50.0])[:, None]
    log_var = tf.constant([-30.0, 0.0, 30.0])
    with tf.GradientTape() as tape:
        tape.watch([difference, log_var])
        value = ops.laplace_cross_entropy(difference, log_var, 6.0)
    assert np.isfinite(value).all()
    assert all(np.isfinite(g).all() for g in tape.gradient(value, [difference, log_var]))
    # Of a point the density's own: log(2 / rate) + rate |u|.
    expected = np.log(2 / 6) + 6 * np.abs(difference.numpy()[1:, 0])
    np.testing.assert_allclose(value[1:, 0], expected, rtol=1e-4)
