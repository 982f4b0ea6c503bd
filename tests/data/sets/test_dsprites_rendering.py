"""Rendered sprites against the description, evaluated pixel by pixel in another way."""

import numpy as np
import pytest

from tfdis.data.sets.dsprites import rendering as rendering
from tfdis.data.store.store_format import decode_rows


def _images(*sprite):
    rows = rendering.render_positions(*sprite)
    return decode_rows(rows, (64, 64, 1), "bits").reshape(32, 32, 64, 64) // 255


def _polygon_contains(x, y, u, v):
    """Even-odd rule: whether points (u, v) lie in the closed polygon with corners (x, y)."""
    inside = np.zeros(u.shape, dtype=bool)
    for x0, y0, x1, y1 in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
        if y0 != y1:
            crossing = x0 + (v - y0) * (x1 - x0) / (y1 - y0)
            inside ^= ((y0 > v) != (y1 > v)) & (u < crossing)
    return inside


def _direct(shape, scale, orientation, position_x, position_y):
    centres = np.arange(64) + 0.5
    dx = (centres - (16 + 32 * position_x / 31))[None, :]
    dy = (centres - (16 + 32 * position_y / 31))[:, None]
    theta, size = -2 * np.pi * orientation / 39, 0.5 + 0.1 * scale
    u = (np.cos(theta) * dx + np.sin(theta) * dy) / size
    v = (-np.sin(theta) * dx + np.cos(theta) * dy) / size
    if shape == 0:
        return np.maximum(np.abs(u), np.abs(v)) < 9.6
    if shape == 1:
        return (u / 12.77) ** 2 + (v / 7.215) ** 2 < 1
    t = np.linspace(0, 2 * np.pi, 2001)
    y = -1.45 - 0.66 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return _polygon_contains(9.6 * np.sin(t) ** 3, y, u, v)


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_images_follow_the_description(shape):
    draws = np.random.RandomState(shape)
    for _ in range(6):
        scale, orientation = draws.randint(6), draws.randint(40)
        images = _images(shape, scale, orientation)
        for x, y in [(0, 31), tuple(draws.randint(32, size=2))]:
            expected = _direct(shape, scale, orientation, x, y)
            assert np.sum(images[x, y] != expected) <= (1 if shape == 2 else 0)


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_area_is_that_of_the_shape(shape):
    # Square and ellipse: closed forms. Heart: Green's theorem over its curve.
    t = np.linspace(0, 2 * np.pi, 100001)
    y = -0.66 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    heart = abs(np.sum(9.6 * np.sin(t[:-1]) ** 3 * np.diff(y)))
    area = (19.2**2, np.pi * 12.77 * 7.215, heart)[shape]
    for scale in (0, 5):
        pixels = _images(shape, scale, 7).sum(axis=(2, 3)).mean()
        assert pixels == pytest.approx(area * (0.5 + 0.1 * scale) ** 2, rel=2e-3)


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_first_and_last_orientation_coincide(shape):
    np.testing.assert_array_equal(_images(shape, 3, 0), _images(shape, 3, 39))


def test_positions_move_the_sprite_right_and_down():
    images = _images(2, 5, 0)
    pixels = np.arange(64) + 0.5
    mass = images.sum(axis=(2, 3))
    x = (images.sum(axis=2) * pixels).sum(axis=2) / mass
    y = (images.sum(axis=3) * pixels).sum(axis=2) / mass
    np.testing.assert_allclose(
        x, np.repeat(16 + 32 * np.arange(32) / 31, 32).reshape(32, 32), atol=0.3
    )
    np.testing.assert_allclose(np.diff(y, axis=1).mean(axis=1), 32 / 31, atol=0.02)
    assert np.ptp(y, axis=0).max() < 0.3


def test_upright_heart_is_symmetric_with_its_point_below():
    # At x position 15.5 of 0..31 a sprite would be centred; mirrored positions mirror the image.
    images = _images(2, 5, 0)
    np.testing.assert_array_equal(images, images[::-1, :, :, ::-1])
    rows = np.flatnonzero(images[3, 3].any(axis=1))
    assert images[3, 3][rows[-1]].sum() <= 3 < images[3, 3][rows[2]].sum()


def test_heart_outline_closes_at_its_widest_point():
    upper, lower = rendering.heart_outline(np.array([-9.6, 0.0, 9.6]))
    np.testing.assert_allclose(upper, [-1.45 - 0.66 * 4, -1.45 - 0.66 * 5, -1.45 - 0.66 * 4])
    np.testing.assert_allclose(lower, [-1.45 - 0.66 * 4, -1.45 + 0.66 * 17, -1.45 - 0.66 * 4])
