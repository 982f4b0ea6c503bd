"""On what scale images are: floats in [0, 1], uint8 0..255, or masks of 0 and 1."""

import numpy as np

_TOLERANCE = 1e-3  # Of resizing and of half precision.


def full_scale(images: np.ndarray) -> int:
    """What stands for white: 1 for floats and for masks, 255 for other integers."""
    return 1 if images.dtype.kind in "fb" or images.max() <= 1 else 255


def check_unit_scale(images: np.ndarray, any_range: bool = False) -> None:
    """Refuses images that are not floats in [0, 1], with what they seem to be.

    Args:
      images: any array of images.
      any_range: whether floats of every range will do, as features and standardised images.

    Raises:
      ValueError: integers, values that are not finite, or that are outside of [0, 1] or too small to be
        seen.
    """
    check_float(images.dtype)
    if not images.size:
        return
    low, high = float(np.min(images)), float(np.max(images))
    if not np.isfinite(low + high):
        num_bad = int(np.sum(~np.isfinite(images).reshape(len(images), -1).all(axis=1)))
        raise ValueError(
            f"Expected images of finite values. Received: NaN or infinity in {num_bad} of the first "
            f"{len(images)} images. Fix: replace the values, or leave those images out."
        )
    fix = None if any_range else _fix(low, high)
    if fix:
        raise ValueError(
            "Expected images in [0, 1], 0 black and 1 white. Received: values from "
            f"{low:.4g} to {high:.4g} in the first {len(images)} images. Fix: {fix}."
        )


def check_float(dtype) -> None:
    """Raises ValueError unless the type, of NumPy or TensorFlow, is one of floats."""
    name = getattr(dtype, "name", str(dtype))
    if "float" not in name:
        raise ValueError(
            f"Expected images as floats in [0, 1]. Received: {name}. Fix: images.astype('float32') "
            "/ 255 for values from 0 to 255, without the division for masks of 0 and 1."
        )


def _fix(low, high):
    """What to do about images with these extremes; None if nothing is wrong."""
    if low >= -_TOLERANCE and high > 1 + _TOLERANCE:
        return "divide them by the value of white, 255 for bytes"
    if low < -_TOLERANCE:
        return (
            "(images + 1) / 2 for images from -1 to 1; for standardised images, a reconstruction loss "
            "with activation 'linear'"
        )
    if 0 < high <= (1 + _TOLERANCE) / 255:
        return "multiply them by 255: they seem to be masks of 0 and 1 that were divided by 255"
    return None
