"""Covariance and the DIP penalty against numpy in float64, the known wrong form, limits and errors."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops

RNG = np.random.default_rng(0)
MEAN = RNG.normal(size=(9, 4)) @ RNG.normal(size=(4, 4)) + 3.0
LOG_VAR = RNG.normal(size=(9, 4))


def _penalty(matrix, lambda_od, lambda_d):
    total = 0.0
    for i, row in enumerate(matrix):
        for j, value in enumerate(row):
            total += lambda_d * (value - 1) ** 2 if i == j else lambda_od * value**2
    return total


def test_covariance_is_the_biased_one():
    np.testing.assert_allclose(
        ops.covariance(MEAN), np.cov(MEAN, rowvar=False, bias=True), rtol=1e-12
    )


def test_covariance_of_far_codes_keeps_its_digits():
    # E[x y] - E[x] E[y] would lose all of them in float32.
    far = (MEAN + 1e4).astype("float32")
    expected = np.cov(far.astype("float64"), rowvar=False, bias=True)
    np.testing.assert_allclose(ops.covariance(far), expected, rtol=1e-3)


def test_dip_i_uses_the_means_alone():
    expected = _penalty(np.cov(MEAN, rowvar=False, bias=True), 5.0, 10.0)
    actual = ops.dip_penalty(MEAN, LOG_VAR, "i", lambda_od=5.0, lambda_d=10.0)
    assert float(actual) == pytest.approx(expected, rel=1e-12)


def test_dip_ii_adds_the_mean_variances_on_the_diagonal_only():
    matrix = np.cov(MEAN, rowvar=False, bias=True) + np.diag(np.exp(LOG_VAR).mean(0))
    actual = ops.dip_penalty(MEAN, LOG_VAR, "ii", lambda_od=5.0, lambda_d=10.0)
    assert float(actual) == pytest.approx(_penalty(matrix, 5.0, 10.0), rel=1e-12)
    # A known mistake adds one number to every entry.
    wrong = np.cov(MEAN, rowvar=False, bias=True) + np.exp(LOG_VAR).mean()
    assert float(actual) != pytest.approx(_penalty(wrong, 5.0, 10.0), rel=0.01)


def test_codes_with_identity_covariance_cost_nothing():
    signs = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert float(ops.dip_penalty(signs, np.zeros_like(signs), "i", 3.0, 7.0)) == 0.0
    half = np.full_like(signs, np.log(0.5))
    penalty = ops.dip_penalty(signs * np.sqrt(0.5), half, "ii", 3.0, 7.0)
    assert float(penalty) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("kind", ["i", "ii"])
@pytest.mark.parametrize("log_var", [-30.0, 30.0])
def test_extreme_variances_are_finite_in_value_and_gradient(kind, log_var):
    mean, log_vars = tf.constant(MEAN, tf.float32), tf.fill(MEAN.shape, log_var)
    with tf.GradientTape() as tape:
        tape.watch([mean, log_vars])
        value = ops.dip_penalty(mean, log_vars, kind)
    gradients = tape.gradient(value, [mean, log_vars], unconnected_gradients="zero")
    assert np.isfinite(value)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match="Received: 'iii'"):
        ops.dip_penalty(MEAN, LOG_VAR, "iii")
    with pytest.raises(ValueError, match=r"\[batch, latent\]"):
        ops.covariance(MEAN[0])
