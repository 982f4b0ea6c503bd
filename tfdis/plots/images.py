"""Images as pictures need them: pixels in [0, 1], and grids of them on one canvas."""

from collections.abc import Sequence

import numpy as np

ACTIVATIONS = ("logits", "tanh", "linear")
# Pixels between two images of a grid.
GAP = 2
_GAP_COLOUR = 1.0


def to_pixels(decoded: np.ndarray, activation: str = "logits") -> np.ndarray:
    """Converts a decoder's output to the image that it means.

    "logits": p = 1 / (1 + exp(-x)); "tanh": p = tanh(x) / 2 + 0.5; "linear": p = x, clipped to [0,
    1]

    Args:
        decoded: the decoder's linear outputs, of any shape.
        activation: activation of the reconstruction loss: "logits", "tanh" or "linear".

    Returns:
        float32 pixels in [0, 1], of the same shape.

    Raises:
        ValueError: an unknown activation.

    Example:
        >>> to_pixels(np.array([0.0, 100.0])).tolist()
        [0.5, 1.0]
    """
    decoded = np.asarray(decoded, np.float32)
    if activation == "logits":
        # sigmoid(x) = tanh(x / 2) / 2 + 0.5, which does not overflow.
        return np.tanh(decoded / 2) / 2 + 0.5
    if activation == "tanh":
        return np.tanh(decoded) / 2 + 0.5
    if activation == "linear":
        return np.clip(decoded, 0.0, 1.0)
    raise ValueError(f"Expected activation to be one of {ACTIVATIONS}. Received: {activation!r}.")


def check_images(images: np.ndarray) -> np.ndarray:
    """Returns images as a float array `[num, height, width, channels]`, clipped to [0, 1].

    Raises:
        ValueError: the array is empty or has not four axes with 1 or 3 channels.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or images.size == 0:
        raise ValueError(
            "Expected images of shape [num, height, width, channels] with at least one image and 1 or "
            f"3 channels. Received: {images.shape}."
        )
    if images.dtype == np.uint8:
        images = images / np.float32(255)
    return np.clip(images, 0.0, 1.0)


def tile(rows: Sequence[np.ndarray], gap: int = GAP) -> np.ndarray:
    """Lays images out in a grid with white gaps between them.

    Args:
        rows: one array `[columns, height, width, channels]` for each row, pixels in [0, 1].
        gap: number of pixels between two images.

    Returns:
        One image, float32 `[height, width, 3]`.

    Example:
        >>> tile([np.zeros([3, 8, 8, 1])] * 2, gap=1).shape
        (17, 26, 3)
    """
    grid = np.asarray(rows, np.float32)
    num_rows, num_columns, height, width, channels = grid.shape
    canvas = np.full(
        [num_rows, height + gap, num_columns, width + gap, channels], _GAP_COLOUR, np.float32
    )
    canvas[:, :height, :, :width] = grid.transpose(0, 2, 1, 3, 4)
    canvas = canvas.reshape(num_rows * (height + gap), num_columns * (width + gap), channels)
    canvas = canvas[: num_rows * (height + gap) - gap, : num_columns * (width + gap) - gap]
    return np.repeat(canvas, 3, axis=-1) if channels == 1 else canvas
