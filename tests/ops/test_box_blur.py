"""Box blur against a direct convolution, limits, gradients and errors."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from tfdis import ops


def _direct(images, radius):
    """Zero-padded convolution with the explicit box, in float64, channel by channel."""
    box = np.full((2 * radius + 1, 2 * radius + 1), 1.0 / (2 * radius + 1) ** 2)
    blurred = np.zeros(images.shape)
    for index in np.ndindex(images.shape[0], images.shape[3]):
        channel = images[index[0], :, :, index[1]].astype("float64")
        blurred[index[0], :, :, index[1]] = ndimage.convolve(channel, box, mode="constant")
    return blurred


@pytest.mark.long
@pytest.mark.parametrize(
    ("shape", "radius"),
    [((1, 64, 64, 2), 31), ((2, 64, 64, 1), 1), ((1, 20, 33, 2), 5), ((1, 8, 8, 1), 31)],
)
def test_it_equals_a_direct_convolution(shape, radius):
    # As standardised squares: bright pixels far from a small negative ground.
    images = np.where(np.random.default_rng(0).uniform(size=shape) > 0.8, 7.9, -0.126).astype(
        "float32"
    )
    expected = _direct(images, radius)
    actual = ops.box_blur(images, radius).numpy()
    assert np.abs(actual - expected).max() <= 1e-5 * np.abs(expected).max()


def test_radius_zero_is_the_image_itself():
    images = np.random.default_rng(0).normal(size=(2, 5, 6, 3))
    np.testing.assert_array_equal(ops.box_blur(images, 0), images)


def test_a_constant_image_keeps_its_value_away_from_the_border():
    blurred = ops.box_blur(np.ones([1, 9, 9, 1]), 2).numpy()[0, :, :, 0]
    np.testing.assert_allclose(blurred[2:-2, 2:-2], 1.0)
    assert blurred[0, 0] == pytest.approx(9 / 25)


def test_its_gradient_is_the_transposed_blur():
    images, weights = tf.constant(np.random.default_rng(0).normal(size=(2, 1, 7, 9, 2)))
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = tf.reduce_sum(weights * ops.box_blur(images, 3))
    np.testing.assert_allclose(tape.gradient(value, images), ops.box_blur(weights, 3), rtol=1e-10)


@pytest.mark.parametrize("radius", [-1, 1.5, True])
def test_a_radius_that_is_no_count_is_refused(radius):
    with pytest.raises(ValueError, match="Received"):
        ops.box_blur(np.zeros([1, 4, 4, 1]), radius)


def test_images_of_another_rank_are_refused():
    with pytest.raises(ValueError, match=r"Received: \(4, 4\)"):
        ops.box_blur(np.zeros([4, 4]), 1)
