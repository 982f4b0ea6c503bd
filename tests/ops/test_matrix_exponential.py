"""The exponential of matrices against scipy's, and its gradient."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.linalg import expm

from tfdis import ops

MATRICES = np.random.default_rng(0).normal(size=(5, 4, 4))


@pytest.mark.parametrize("scale", [0.01, 1.0, 3.0])
def test_it_is_scipys(scale):
    found = ops.matrix_exponential(tf.constant(scale * MATRICES))
    expected = np.stack([expm(scale * matrix) for matrix in MATRICES])
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())
    single = ops.matrix_exponential(tf.constant(scale * MATRICES, tf.float32))
    np.testing.assert_allclose(single, expected, atol=1e-4 * np.abs(expected).max())


def test_its_gradient_is_that_of_differences():
    matrix = tf.constant(MATRICES[0])
    with tf.GradientTape() as tape:
        tape.watch(matrix)
        value = tf.reduce_sum(tf.square(ops.matrix_exponential(matrix)))
    gradient = tape.gradient(value, matrix).numpy()
    for row, column in [(0, 1), (3, 3)]:
        moved = [MATRICES[0].copy(), MATRICES[0].copy()]
        moved[0][row, column] += 1e-6
        moved[1][row, column] -= 1e-6
        above, below = ((expm(m) ** 2).sum() for m in moved)
        assert gradient[row, column] == pytest.approx((above - below) / 2e-6, rel=1e-5)
