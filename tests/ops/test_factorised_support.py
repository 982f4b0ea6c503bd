"""The Hausdorff distance of codes to the product of the latents' supports, against its definition."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops

CODES = np.random.default_rng(0).normal(size=(9, 4))
PAIRS = list(itertools.combinations(range(4), 2))


def _distance(codes, i, j):
    """By loops, in float64."""
    return max(
        min((a - m[i]) ** 2 + (b - m[j]) ** 2 for m in codes)
        for a in codes[:, i]
        for b in codes[:, j]
    )


def test_it_is_the_definition():
    for pairs in (PAIRS, PAIRS[2:4]):
        expected = sum(_distance(CODES, *pair) for pair in pairs)
        assert float(ops.support_distance(tf.constant(CODES), pairs)) == pytest.approx(expected)


def test_its_gradient_is_that_of_differences():
    codes = tf.constant(CODES)
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = ops.support_distance(codes, PAIRS)
    gradient = tape.gradient(value, codes).numpy()
    for row, column in np.ndindex(*CODES.shape):
        moved = [CODES.copy(), CODES.copy()]
        moved[0][row, column] += 1e-6
        moved[1][row, column] -= 1e-6
        above, below = (float(ops.support_distance(tf.constant(m), PAIRS)) for m in moved)
        assert gradient[row, column] == pytest.approx((above - below) / 2e-6, abs=1e-5)


def test_a_full_grid_of_any_shape_and_frequency_has_distance_0():
    grid = np.array(list(itertools.product([0.0, 0.1, 5.0], [-1.0, 1.0], [0.0, 2.0])))
    codes = np.concatenate([grid, grid[:3], grid[:1]])
    pairs = list(itertools.combinations(range(3), 2))
    assert float(ops.support_distance(tf.constant(codes), pairs)) == 0
    assert float(ops.support_distance(tf.constant(grid[:-1]), pairs)) == 0
    assert float(ops.support_distance(tf.constant(grid[:2]), pairs)) == 0
    # x = y: the missing corner (0, 1) is one unit away from both points.
    copies = tf.constant([[0.0, 0.0], [1.0, 1.0]])
    assert float(ops.support_distance(copies, [[0, 1]])) == 1


def test_shrinkage_counts_deviations_over_the_batch_below_1():
    expected = sum(max(0.0, 1 - np.sqrt(np.var(column, ddof=1) + 1e-6)) for column in CODES.T)
    assert float(ops.support_shrinkage(tf.constant(CODES))) == pytest.approx(expected)
    assert float(ops.support_shrinkage(tf.constant(10 * CODES))) == 0
    assert float(ops.support_shrinkage(tf.constant(0 * CODES))) == pytest.approx(4, abs=0.01)
