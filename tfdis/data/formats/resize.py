"""Resizing with Pillow, as the papers did it."""

import numpy as np
from PIL import Image

FILTERS = {"lanczos": Image.Resampling.LANCZOS, "bilinear": Image.Resampling.BILINEAR}


def check_filter(resize_filter: str) -> None:
    """Raises ValueError unless the filter is one of `FILTERS`."""
    if resize_filter not in FILTERS:
        raise ValueError(
            f"Expected resize_filter to be one of {', '.join(FILTERS)}. Received: {resize_filter!r}."
        )


def resize_image(image: np.ndarray, size: int, resize_filter: str) -> np.ndarray:
    """Resizes a uint8 image `[height, width]` or `[height, width, 3]` to `size` x `size`.

    Args:
        image: the image to resize.
        size: height and width of the result, in pixels.
        resize_filter: "lanczos" (disentanglement_lib) or "bilinear" (the reconstruction paper).

    Returns:
        The resized image, uint8. Where Lanczos overshoots, values are clipped to 0..255.
    """
    pixels = Image.fromarray(image)
    return np.asarray(pixels.resize((size, size), FILTERS[resize_filter]))


def resize_as_integers(image: np.ndarray, size: int, resize_filter: str) -> np.ndarray:
    """Like `resize_image` for `[height, width]`, but rounded once, at the end.

    disentanglement_lib hands SmallNORB's signed bytes to Pillow, which then works with 32-bit
    integers: this rounds differently, and gives values beyond 0..255, which are clipped only here,
    at the end.
    """
    pixels = Image.fromarray(image.astype(np.int32))
    return np.clip(pixels.resize((size, size), FILTERS[resize_filter]), 0, 255).astype(np.uint8)
