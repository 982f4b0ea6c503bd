"""Kernel multi-information: the definition by loops, its limits, its gradient, bad input."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from tfdis import ops

Z = np.random.default_rng(0).normal(size=(7, 3))
DEVIATIONS = np.array([0.5, 1.0, 2.0])


def _silverman(num, dim):
    return (4 / (dim + 2)) ** (1 / (dim + 4)) * num ** (-1 / (dim + 4))


def _by_loops(z, deviations, bandwidth):
    num, dim = z.shape
    factor = _silverman(num, dim)
    own = {"deviation": 1, "joint": factor, "silverman": _silverman(num, 1)}[bandwidth]
    total = 0.0
    for i in range(num):
        joint = [stats.norm.logpdf(z[i], z[j], factor * deviations).sum() for j in range(num)]
        total += special.logsumexp(joint) - np.log(num)
        for k in range(dim):
            marginal = stats.norm.logpdf(z[i, k], z[:, k], own * deviations[k])
            total -= special.logsumexp(marginal) - np.log(num)
    return total / num


@pytest.mark.parametrize("bandwidth", ops.BANDWIDTHS)
def test_it_is_the_definition(bandwidth):
    value = ops.kernel_multi_information(tf.constant(Z), tf.constant(DEVIATIONS), bandwidth)
    assert float(value) == pytest.approx(_by_loops(Z, DEVIATIONS, bandwidth), rel=1e-10)


def test_a_single_latent_shares_nothing_if_both_kernels_are_as_wide():
    for bandwidth in ("joint", "silverman"):
        value = ops.kernel_multi_information(
            tf.constant(Z[:, :1]), tf.ones([1], tf.float64), bandwidth
        )
        assert float(value) == pytest.approx(0.0, abs=1e-12)


def test_copies_share_information_and_independent_codes_little():
    rng = np.random.default_rng(1)
    one, two = rng.normal(size=(2, 400))
    values = {}
    for name, codes in (("copies", [one, one]), ("independent", [one, two])):
        z = tf.constant(np.stack(codes, axis=1))
        values[name] = float(ops.kernel_multi_information(z, tf.ones([2], tf.float64), "silverman"))
    assert abs(values["independent"]) < 0.1
    assert values["copies"] > values["independent"] + 0.5


def test_gradients_flow_through_codes_and_deviations():
    z, deviations = tf.Variable(Z), tf.Variable(DEVIATIONS)
    with tf.GradientTape() as tape:
        value = ops.kernel_multi_information(z, deviations)
    of_z, of_deviations = tape.gradient(value, [z, deviations])
    for index in [(0, 1), (4, 2)]:
        moved = [Z.copy(), Z.copy()]
        moved[0][index] += 1e-6
        moved[1][index] -= 1e-6
        above, below = (_by_loops(m, DEVIATIONS, "deviation") for m in moved)
        assert float(of_z[index]) == pytest.approx((above - below) / 2e-6, rel=1e-5)
    above, below = (_by_loops(Z, DEVIATIONS + [d, 0, 0], "deviation") for d in (1e-6, -1e-6))
    assert float(of_deviations[0]) == pytest.approx((above - below) / 2e-6, rel=1e-5)


def test_an_unknown_bandwidth_is_refused():
    with pytest.raises(ValueError, match="Received: 'scott'"):
        ops.kernel_multi_information(tf.constant(Z), tf.constant(DEVIATIONS), "scott")
