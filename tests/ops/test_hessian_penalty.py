"""The normalised Hessian penalty: quadratic forms, whose Hessian is known, and what it does not see."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import ops

RNG = np.random.default_rng(0)
HESSIANS = RNG.normal(size=(2, 4, 4))
HESSIANS = HESSIANS + HESSIANS.transpose(0, 2, 1)
SCALE = np.array([0.5, 1.0, 2.0, 0.1])
Z = RNG.normal(size=(3, 4))


def _quadratic(hessians):
    def function(points):
        return [0.5 * tf.einsum("ni,eij,nj->ne", points, tf.constant(hessians), points)]

    return function


def _directions(num=2, size=3):
    rng = np.random.default_rng(1)
    signs = rng.choice([-1.0, 1.0], size=(num, size, 4))
    return signs, rng.normal(size=(num, size, 4))


def _penalty(function, directions, **options):
    arguments = [tf.constant(array) for array in (Z, SCALE, *directions)]
    return ops.normalised_hessian_penalty(function, *arguments, **options).numpy()


def test_it_is_the_ratio_of_variances_of_second_derivatives():
    directions = _directions()
    parts = []
    for moves in directions:
        # v' S H S v of each direction, image and output.
        scaled = moves * SCALE
        second = np.einsum("kbi,eij,kbj->kbe", scaled, HESSIANS, scaled)
        parts.append(second.var(axis=0).mean(axis=1))
    expected = parts[0] / (parts[1] + 1e-10)
    np.testing.assert_allclose(
        _penalty(_quadratic(HESSIANS), directions), expected, rtol=1e-6, atol=1e-12
    )


def test_a_sum_over_outputs_and_any_shape_of_them():
    directions = _directions()
    one = _penalty(_quadratic(HESSIANS), directions)

    def function(points):
        (output,) = _quadratic(HESSIANS)(points)
        return [output, tf.reshape(3 * output, [-1, 1, 2, 1])]

    np.testing.assert_allclose(_penalty(function, directions), 2 * one, rtol=1e-6, atol=1e-12)


def test_functions_of_single_inputs_and_linear_ones_have_none():
    diagonal = HESSIANS * np.eye(4)
    assert _penalty(_quadratic(diagonal), _directions()).max() < 1e-10
    linear = _penalty(lambda points: [points @ tf.constant(HESSIANS[0])], _directions())
    assert linear.max() < 1e-10


def test_many_directions_give_the_share_of_mixed_derivatives():
    scaled = HESSIANS * np.outer(SCALE, SCALE)
    every = (scaled**2).sum()
    mixed = every - (np.diagonal(scaled, axis1=1, axis2=2) ** 2).sum()
    found = _penalty(_quadratic(HESSIANS), _directions(num=20_000))
    np.testing.assert_allclose(found, mixed / every, rtol=0.05)


@pytest.mark.long
def test_the_gradient_reaches_points_scale_and_function():
    scale, z, weight = tf.Variable(SCALE), tf.Variable(Z), tf.Variable(1.3, dtype=tf.float64)

    def function(points):
        return [tf.tanh(weight * points[:, :1] * points[:, 1:2] + tf.sin(points[:, 2:3]))]

    with tf.GradientTape() as tape:
        directions = [tf.constant(array) for array in _directions()]
        loss = tf.reduce_sum(ops.normalised_hessian_penalty(function, z, scale, *directions))
    for gradient in tape.gradient(loss, [scale, z, weight]):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


@pytest.mark.parametrize("step", [0.1, 0.05])
def test_of_a_quadratic_form_the_length_of_the_step_does_not_matter(step):
    directions = np.random.default_rng(3).normal(size=(2, 2, 3, 4))
    found = _penalty(_quadratic(HESSIANS), directions, step=step)
    np.testing.assert_allclose(
        found, _penalty(_quadratic(HESSIANS), directions), rtol=1e-6, atol=1e-12
    )
