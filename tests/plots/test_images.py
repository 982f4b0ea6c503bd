"""Pixels and grids."""

import numpy as np
import pytest
from scipy.special import expit

from tfdis.plots.images import check_images, tile, to_pixels


def test_to_pixels_is_the_sigmoid_of_logits_also_of_large_ones():
    logits = np.array([-1000.0, -30.0, -1.0, 0.0, 0.5, 30.0, 1000.0])
    with np.errstate(all="raise", under="ignore"):
        pixels = to_pixels(logits)
    np.testing.assert_allclose(pixels, expit(logits), atol=1e-6)


def test_to_pixels_of_tanh():
    values = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(to_pixels(values, "tanh"), expit(2 * values), atol=1e-6)


def test_to_pixels_clips_linear_outputs():
    assert to_pixels(np.array([-0.5, 0.25, 1.5]), "linear").tolist() == [0.0, 0.25, 1.0]


def test_to_pixels_refuses_an_unknown_activation():
    with pytest.raises(
        ValueError, match=r"one of \('logits', 'tanh', 'linear'\).*Received: 'relu'"
    ):
        to_pixels(np.zeros(3), "relu")


def test_tile_puts_every_image_in_its_cell_and_white_between():
    values = np.arange(6, dtype=np.float32).reshape(2, 3) / 10
    rows = [[np.full([4, 5, 3], value) for value in row] for row in values]
    canvas = tile(rows, gap=2)
    assert canvas.shape == (2 * 4 + 2, 3 * 5 + 2 * 2, 3)
    for row in range(2):
        for column in range(3):
            cell = canvas[row * 6 : row * 6 + 4, column * 7 : column * 7 + 5]
            np.testing.assert_array_equal(cell, values[row, column])
    np.testing.assert_array_equal(canvas[4:6], 1.0)
    np.testing.assert_array_equal(canvas[:, 5:7], 1.0)


def test_check_images_scales_bytes():
    images = check_images(np.full([1, 2, 2, 1], 51, np.uint8))
    np.testing.assert_allclose(images, 0.2, atol=1e-7)


@pytest.mark.parametrize("shape", [(8, 8, 1), (0, 8, 8, 1), (2, 8, 8, 2)])
def test_check_images_refuses_what_is_no_picture(shape):
    with pytest.raises(ValueError, match="1 or 3 channels"):
        check_images(np.zeros(shape))
