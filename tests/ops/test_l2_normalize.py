"""Normalised vectors against numpy, at zero and at the limits of float32."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops


def test_it_divides_by_the_norm():
    vectors = np.random.default_rng(0).normal(size=(4, 5, 6))
    expected = vectors / np.sqrt((vectors**2).sum(-1, keepdims=True))
    np.testing.assert_allclose(ops.l2_normalize(vectors), expected, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-37, 1e-30, 1e-8, 1e30])
def test_the_scale_does_not_matter(scale):
    vector = np.float32([3.0, -4.0]) * np.float32(scale)
    np.testing.assert_allclose(ops.l2_normalize(vector), [0.6, -0.8], rtol=1e-4)


def test_zero_stays_zero_with_a_finite_gradient():
    vectors = tf.constant([[0.0, 0.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        value = tf.reduce_sum(ops.l2_normalize(vectors) * [[1.0, 2.0], [1.0, 2.0]])
    np.testing.assert_allclose(ops.l2_normalize(vectors), [[0, 0], [0.6, 0.8]], rtol=1e-6)
    # At zero that of v / 1; elsewhere (w - u (u . w)) / ||v||.
    np.testing.assert_allclose(
        tape.gradient(value, vectors),
        [[1, 2], [(1 - 0.6 * 2.2) / 5, (2 - 0.8 * 2.2) / 5]],
        rtol=1e-5,
    )
