"""dSprites drawn after its published description: re-rendered, not the original file.

At pixel centres, (dx, dy) = centre - (16 + 32 position) with position = k / 31, so every dx and dy
is an odd multiple of 1/62: the 1,024 images of one shape, scale and orientation sample one picture,
31 times as fine, at different places of its grid. That picture is evaluated once, in float64; the
images are look-ups in it.
"""

import numpy as np

IMAGE_SIZE = 64
SHAPES = ("square", "ellipse", "heart")
SQUARE_HALF_SIDE = 9.6
ELLIPSE_HALF_AXES = (12.77, 7.215)
HEART_HALF_WIDTH = 9.6
_RADII = {"square": SQUARE_HALF_SIDE * np.sqrt(2), "ellipse": ELLIPSE_HALF_AXES[0], "heart": 11.25}


def heart_outline(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower end (the smaller v is up) of the heart at each u, |u| <= 9.6.

    The curve is u = 9.6 sin^3 t, v = -1.45 - .66 (13 cos t - 5 cos 2t - 2 cos 3t - cos 4t). One u
    has two t, which differ in the sign of c = cos t; with c^2 = 1 - (|u| / 9.6)^(2/3), the multiple
    angles are polynomials in c, and the odd ones change sign with it.
    """
    sine_squared = np.cbrt(np.abs(u) / HEART_HALF_WIDTH) ** 2
    c2 = 1 - sine_squared
    c = np.sqrt(c2)
    cos_2t = 2 * c2 - 1
    cos_3t = (4 * c2 - 3) * c
    cos_4t = 8 * c2 * (c2 - 1) + 1
    even = -5 * cos_2t - cos_4t
    odd = 13 * c - 2 * cos_3t
    return -1.45 - 0.66 * (even + odd), -1.45 - 0.66 * (even - odd)


def is_inside(shape: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Whether points in the sprite's own frame (size 1, not rotated) belong to the sprite."""
    if shape == "square":
        return (np.abs(u) < SQUARE_HALF_SIDE) & (np.abs(v) < SQUARE_HALF_SIDE)
    if shape == "ellipse":
        return (u / ELLIPSE_HALF_AXES[0]) ** 2 + (v / ELLIPSE_HALF_AXES[1]) ** 2 < 1
    upper, lower = heart_outline(np.clip(u, -HEART_HALF_WIDTH, HEART_HALF_WIDTH))
    return (upper < v) & (v < lower) & (np.abs(u) < HEART_HALF_WIDTH)


def render_positions(shape_index: int, scale_index: int, orientation_index: int) -> np.ndarray:
    """Draws one sprite at all 32 x 32 positions.

    Args:
        shape_index: 0 for a square, 1 for an ellipse, 2 for a heart.
        scale_index: 0 to 5; the size is .5 + .1 scale_index.
        orientation_index: 0 to 39; the angle is -2 pi orientation_index / 39, so that 0 and 39
            coincide.

    Returns:
        uint8 `[1024, 512]`: images of 64 x 64 pixels, x position slowest, eight pixels in a byte
        (`store_format`).
    """
    shape = SHAPES[shape_index]
    size = 0.5 + 0.1 * scale_index
    theta = -2 * np.pi * orientation_index / 39
    half = int(np.ceil(31 * _RADII[shape] * size))
    offsets = (np.arange(-half, half) + 0.5) / 31
    dx, dy = offsets[None, :], offsets[:, None]
    cosine, sine = np.cos(theta) / size, np.sin(theta) / size
    fine = np.zeros((2 * half + 1, 2 * half + 1), dtype=bool)  # The last row and column stay empty.
    fine[:-1, :-1] = is_inside(shape, cosine * dx + sine * dy, -sine * dx + cosine * dy)

    pixels, positions = np.arange(IMAGE_SIZE), np.arange(32)
    places = 31 * (pixels[None, :] - 16) - 32 * positions[:, None] + 15 + half
    places[(places < 0) | (places >= 2 * half)] = 2 * half
    lines = np.packbits(fine[:, places.ravel()].reshape(-1, 32, IMAGE_SIZE), axis=2)
    lines = lines.view(np.uint64)[:, :, 0].T  # [x position, fine row]: one line of pixels each
    images = np.ascontiguousarray(lines[:, places])  # [x position, y position, pixel row]
    return images.view(np.uint8).reshape(32 * 32, IMAGE_SIZE * IMAGE_SIZE // 8)
