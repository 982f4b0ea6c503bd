"""The scale of images: floats in [0, 1], uint8 0..255, or masks of 0 and 1."""

from collections.abc import Iterable
from typing import Any

import numpy as np

_TOLERANCE = 1e-3  # Rounding error of resizing and of half precision.


def full_scale(dtype: np.dtype, batches: Iterable[np.ndarray]) -> int:
    """The value that stands for white: 1 for floats and for masks, 255 for other integers.

    Args:
        dtype: type of the images.
        batches: the images, in batches; they are read only until a value above 1 is found.
    """
    is_mask = dtype.kind in "fb" or all(batch.max() <= 1 for batch in batches)
    return 1 if is_mask else 255


def as_bytes(images: np.ndarray, white: int, where: str) -> np.ndarray:
    """Converts images to uint8 0..255.

    Args:
        images: any numbers.
        white: the value that stands for white, 1 or 255.
        where: description of these images, for the message.

    Raises:
        ValueError: floats that are not finite or lie outside of [0, 1], or integers outside of [0,
            255].
    """
    if images.dtype.kind == "f":
        check_unit_scale(images, where=where, may_be_dark=True)
        return np.rint(images.astype(np.float32) * 255).astype(np.uint8)
    if images.min() < 0 or images.max() > 255:
        raise ValueError(
            f"Expected integers from 0 to 255. Received: values from {images.min()} to {images.max()} in "
            f"{where}. Fix: scale them."
        )
    return images.astype(np.uint8) * np.uint8(255 // white)


def check_unit_scale(
    images: np.ndarray, any_range: bool = False, where: str = "", may_be_dark: bool = False
) -> None:
    """Refuses images that are not floats in [0, 1]; the message says what they seem to be.

    Args:
        images: any array of images.
        any_range: whether floats of every range will do, as for features and standardised images.
        where: description of these images, for the message; by default the first images.
        may_be_dark: whether values will do that are all too small to be seen, as those of a few
            images may be.

    Raises:
        ValueError: integers, or values that are not finite, lie outside of [0, 1] or are too small
            to be seen.
    """
    check_float(images.dtype)
    if not images.size:
        return
    where = where or f"the first {len(images)} images"
    low, high = float(np.min(images)), float(np.max(images))
    if not np.isfinite(low + high):
        num_bad = int(np.sum(~np.isfinite(images).reshape(len(images), -1).all(axis=1)))
        raise ValueError(
            f"Expected images of finite values. Received: NaN or infinity in {num_bad} of "
            f"{where}. Fix: replace the values, or leave those images out."
        )
    fix = None if any_range else _fix(low, high, may_be_dark)
    if fix:
        raise ValueError(
            "Expected images in [0, 1], 0 black and 1 white. Received: values from "
            f"{low:.4g} to {high:.4g} in {where}. Fix: {fix}."
        )


def check_float(dtype: Any) -> None:
    """Raises ValueError unless the type, of NumPy or TensorFlow, is a floating-point type."""
    name = getattr(dtype, "name", str(dtype))
    if "float" not in name:
        raise ValueError(
            f"Expected images as floats in [0, 1]. Received: {name}. Fix: images.astype('float32') "
            "/ 255 for values from 0 to 255, without the division for masks of 0 and 1."
        )


def _fix(low, high, may_be_dark):
    """The fix for images with these extremes; None if nothing is wrong."""
    if low >= -_TOLERANCE and high > 1 + _TOLERANCE:
        return "divide them by the value of white, 255 for bytes"
    if low < -_TOLERANCE:
        return (
            "(images + 1) / 2 for images from -1 to 1; for standardised images, a reconstruction loss "
            "with activation 'linear'"
        )
    if 0 < high <= (1 + _TOLERANCE) / 255 and not may_be_dark:
        return "multiply them by 255: they seem to be masks of 0 and 1 that were divided by 255"
    return None
