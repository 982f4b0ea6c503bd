"""Quantisation: the authors' numbers, ties, gradients, and what a copied variant does otherwise."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops

# Two latents of the fixed inputs on which the functions of the authors' published code were run.
TABLES = [
    [-0.4937, -0.4060, -0.3288, -0.1536, -0.0383, 0.0407, 0.2121, 0.2487, 0.3898, 0.4963],
    [-0.4693, -0.3595, -0.2747, -0.1591, -0.0733, 0.0159, 0.1597, 0.2809, 0.4135, 0.5240],
]
CODES = [
    [0.0781, 0.3443],
    [-0.1222, 0.2334],
    [0.7419, -0.1865],
    [0.1089, 0.6810],
    [-0.7677, 0.5322],
]
INDICES = [[5, 7], [3, 7], [9, 3], [5, 9], [0, 9]]


def test_nearest_values_are_those_of_the_authors():
    values, indices = ops.nearest_values(tf.constant(CODES), tf.constant(TABLES))
    np.testing.assert_array_equal(indices, INDICES)
    expected = np.take_along_axis(np.array(TABLES), np.array(INDICES).T, axis=1).T
    np.testing.assert_array_equal(values, expected.astype(np.float32))


def test_of_two_as_near_it_is_the_first_and_one_table_serves_all_latents():
    values, indices = ops.nearest_values(tf.constant([[0.5, 2.0]]), tf.constant([[0.0, 1.0]]))
    assert indices.numpy().tolist() == [[0, 1]] and values.numpy().tolist() == [[0.0, 1.0]]


def test_the_gradient_of_values_goes_to_the_chosen_entries_alone():
    tables, codes = tf.Variable(TABLES), tf.constant(CODES)
    with tf.GradientTape() as tape:
        tape.watch(codes)
        values, _ = ops.nearest_values(codes, tables)
        weighted = tf.reduce_sum(values * [[1.0, 10.0]])
    of_tables, of_codes = tape.gradient(weighted, [tables, codes])
    expected = np.zeros([2, 10])
    for row in INDICES:
        expected[0, row[0]] += 1
        expected[1, row[1]] += 10
    np.testing.assert_array_equal(of_tables, expected)
    assert of_codes is None


def test_straight_through_is_the_value_to_the_last_bit_with_the_gradient_of_the_code():
    codes, values = tf.constant([[0.1, 1e8]]), tf.constant([[0.3, 0.7]])
    with tf.GradientTape() as tape:
        tape.watch([codes, values])
        z = ops.straight_through(values, codes)
        loss = tf.reduce_sum(z * [[2.0, 3.0]])
    np.testing.assert_array_equal(z, values)
    of_codes, of_values = tape.gradient(loss, [codes, values])
    assert of_codes.numpy().tolist() == [[2.0, 3.0]] and of_values is None


def _finite_scalars(z, levels):
    """The paper's code written by hand, a latent at a time, in float64."""
    bounded = np.empty_like(z)
    for j, level in enumerate(levels):
        half = (level - 1) * (1 - 1e-3) / 2
        offset = 0.5 if level % 2 == 0 else 0.0
        bounded[:, j] = np.tanh(z[:, j] + np.tan(offset / half)) * half - offset
    halves = np.array(levels) // 2
    return bounded / halves, np.round(bounded) / halves


def test_finite_scalars_are_the_formula():
    z, levels = np.random.default_rng(0).normal(size=(200, 5)) * 2, [8, 5, 2, 3, 16]
    bounded, values = ops.finite_scalars(tf.constant(z), levels)
    expected_bounded, expected = _finite_scalars(z, levels)
    np.testing.assert_allclose(bounded, expected_bounded, atol=1e-12)
    np.testing.assert_array_equal(values, expected)
    indices = ops.finite_scalar_indices(values, levels).numpy()
    assert indices.min(0).tolist() == [0] * 5
    assert indices.max(0).tolist() == [level - 1 for level in levels]


def test_finite_scalars_have_numbers_of_the_published_form_and_not_of_its_copies():
    z = tf.constant(
        [[2.3060697, 2.3636752, -1.7337004], [-2.2890528, -1.1431272, 1.1764098]], tf.float64
    )
    bounded, values = ops.finite_scalars(z, [8, 5, 4])
    expected = [[2.94481635, 1.96294607, -1.82246414], [-3.90197019, -1.62929795, 0.86247435]]
    np.testing.assert_allclose(bounded * [4, 2, 2], expected, atol=1e-7)
    assert values.numpy().tolist() == [[0.75, 1.0, -1.0], [-1.0, -1.0, 0.5]]
    copied = np.tanh(z[:, 0] + np.arctanh(0.5 / (3.5 * 1.001))) * 3.5 * 1.001 - 0.5
    assert np.abs(copied - expected[0][0])[0] > 0.005


@pytest.mark.parametrize("code", [-40.0, 40.0])
def test_finite_scalars_of_huge_codes_are_the_outermost_levels(code):
    bounded, values = ops.finite_scalars(tf.constant([[code, code]]), [8, 5])
    assert np.isfinite(bounded).all()
    assert values.numpy().tolist() == [[-1.0, -1.0] if code < 0 else [0.75, 1.0]]
