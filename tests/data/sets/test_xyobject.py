"""XYObject: its pixels one by one, and the published mean and deviation."""

import numpy as np
import pytest

from tfdis.data.sets.xyobject import XYObject

PUBLISHED_MEAN, PUBLISHED_STD = 0.009818761549013288, 0.05263236372524585
HUES = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1), (1, 0, 1)]


def _expected(x, y, scale, shade, hue):
    image = np.zeros((64, 64, 3), np.uint8)
    side = 7 + 2 * scale
    left, top = 2 * x + (15 - side) // 2, 2 * y + (15 - side) // 2
    image[top : top + side, left : left + side] = np.array(HUES[hue]) * (255 * (shade + 1) // 4)
    return image


@pytest.mark.parametrize("shaded", [False, True])
def test_squares_are_where_they_should_be(shaded):
    data = XYObject(shaded=shaded)
    assert data.num_images == 75000
    for x, y, scale, shade, hue in ((0, 24, 0, 0, 0), (24, 3, 4, 3, 5), (7, 11, 2, 1, 3)):
        color = [shade, hue] if shaded else [6 * shade + hue]
        index = data.factors_to_indices([[x, y, scale, *color]])
        np.testing.assert_array_equal(data.images_at(index)[0], _expected(x, y, scale, shade, hue))


def test_the_shaded_set_has_the_same_images():
    indices = np.random.RandomState(0).randint(75000, size=300)
    np.testing.assert_array_equal(
        XYObject(shaded=True).images_at(indices), XYObject().images_at(indices)
    )


def test_published_mean_and_deviation():
    data = XYObject()
    indices = data.factors_to_indices(  # Neither depends on the place.
        [[12, 12, scale, color] for scale in range(5) for color in range(24)]
    )
    images = data.images_at(indices).reshape(120, -1, 3) / 255.0
    np.testing.assert_allclose(images.mean(axis=(0, 1)), PUBLISHED_MEAN, rtol=1e-7)
    np.testing.assert_allclose(images.std(axis=1, ddof=1).mean(axis=0), PUBLISHED_STD, rtol=1e-7)


@pytest.mark.parametrize("spacing", [0, -1, 50])
def test_impossible_spacings_are_refused(spacing):
    with pytest.raises(ValueError, match=f"from 1 to 49 pixels. Received: {spacing}"):
        XYObject(spacing)
