"""MMD against loops over pairs in float64, its limits, its closed form for Gaussians, and errors."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(5, 3)) * 2 + 1


def _mmd(x, y, width, unbiased):
    def k(a, b):
        return np.exp(-((a - b) ** 2).sum() / width)

    def within(points):
        pairs = [(i, j) for i in range(len(points)) for j in range(len(points))]
        if unbiased:
            pairs = [(i, j) for i, j in pairs if i != j]
        return np.mean([k(points[i], points[j]) for i, j in pairs])

    return within(x) + within(y) - 2 * np.mean([k(a, b) for a in x for b in y])


@pytest.mark.parametrize("estimator", ["biased", "unbiased"])
@pytest.mark.parametrize(
    ("kernel", "variance", "width"),
    [("squared_dim", 2.0, 9.0), ("gaussian", 2.0, 12.0), ("gaussian", 0.5, 3.0)],
)
def test_both_estimators_and_kernels_match_a_loop_over_pairs(estimator, kernel, variance, width):
    actual = ops.mmd(X, Y, kernel=kernel, estimator=estimator, variance=variance)
    expected = _mmd(X, Y, width, estimator == "unbiased")
    assert float(actual) == pytest.approx(expected, rel=1e-12)


def test_float32_agrees_with_float64_for_spread_codes():
    x, y = X * 10, Y * 10
    actual = ops.mmd(x.astype("float32"), y.astype("float32"))
    assert float(actual) == pytest.approx(_mmd(x, y, 9.0, False), rel=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("estimator", ["biased", "unbiased"])
def test_gaussians_have_the_mmd_of_the_closed_form(estimator):
    # E k(a, b) for a - b ~ N(m, s I) in d dimensions: (1 + 2 s / w)^(-d/2) exp(-m^2 / (w + 2 s)).
    width, shift = 8.0, 1.5
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(4000, 2)), rng.normal(loc=(shift, 0.0), size=(4000, 2))
    same = 1 / (1 + 4 / width)
    expected = 2 * same - 2 * same * np.exp(-(shift**2) / (width + 4))
    actual = ops.mmd(x, y, kernel="gaussian", variance=2.0, estimator=estimator)
    assert float(actual) == pytest.approx(expected, rel=0.05)


def test_the_biased_estimate_is_zero_for_equal_samples_and_the_unbiased_one_negative():
    assert float(ops.mmd(X, X)) == pytest.approx(0.0, abs=1e-12)
    assert float(ops.mmd(X, X, estimator="unbiased")) < 0


def test_far_and_coinciding_points_are_finite_in_value_and_gradient():
    x, y = tf.fill([6, 4], 1e6), tf.zeros([6, 4])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        value = ops.mmd(x, y)
    assert float(value) == pytest.approx(2.0)
    assert all(np.isfinite(gradient).all() for gradient in tape.gradient(value, [x, y]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": "rbf"}, "Received: 'rbf'"),
        ({"estimator": "u"}, "Received: 'u'"),
        ({"variance": 0.0}, r"positive. Received: 0\.0"),
    ],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ops.mmd(X, Y, **options)


def test_points_of_other_dimensions_and_single_points_are_refused():
    with pytest.raises(ValueError, match=r"\(7, 3\) and \(5, 2\)"):
        ops.mmd(X, Y[:, :2])
    with pytest.raises(ValueError, match="at least two"):
        ops.mmd(X[:1], Y, estimator="unbiased")
