"""Box blur: the mean over a square window, zero-padded."""

import numpy as np
import tensorflow as tf


def box_blur(images: tf.Tensor, radius: int) -> tf.Tensor:
    """Convolves every channel with a box of (2 radius + 1)^2 equal weights that sum to 1.

    The images are padded with zeros ("same"), so sums near a border count the missing pixels as 0.
    The box is separable, and its rows and columns are two products with banded matrices: the cost does
    not grow with the radius.

    Args:
        images: `[batch, height, width, channels]` with static height, width and channels.
        radius: pixels on each side of the centre, 0 or more; 31 is a 63x63 box.

    Returns:
        Blurred images of the same shape.

    Raises:
        ValueError: a radius that is not an integer of 0 or more, or images of another rank.

    Example:
        >>> image = tf.one_hot([4], 9)[:, None, :, None]  # One row, the fifth pixel is 1.
        >>> (3 * box_blur(image, radius=1)[0, 0, :, 0] * 3).numpy().round(4).tolist()
        [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (section 6.1).
    """
    if isinstance(radius, bool) or not isinstance(radius, int) or radius < 0:
        raise ValueError(
            f"Expected the radius of the box to be an integer of 0 or more. Received: {radius!r}."
        )
    images = tf.convert_to_tensor(images)
    if images.shape.rank != 4 or None in images.shape[1:].as_list():
        raise ValueError(
            "Expected images of a static shape [batch, height, width, channels]. Received: "
            f"{images.shape}."
        )
    height, width, channels = images.shape[1:]
    rows = tf.constant(_band(height, radius), images.dtype)
    # The same band for every channel, so that the product runs over the contiguous last axes.
    columns = tf.constant(np.kron(_band(width, radius), np.eye(channels)), images.dtype)
    flat = tf.reshape(images, [-1, height, width * channels])
    flat = tf.matmul(rows, flat)
    flat = tf.matmul(tf.reshape(flat, [-1, width * channels]), columns)
    return tf.reshape(flat, [-1, height, width, channels])


def box_blur_eigenvalues(height: int, width: int, radius: int) -> np.ndarray:
    """Eigenvalues `[height, width]` of `box_blur` as a symmetric linear map of one channel.

    The blur is separable: they are the products of the eigenvalues of its rows and of its columns.
    """
    rows, columns = (np.linalg.eigvalsh(_band(size, radius)) for size in (height, width))
    return np.outer(rows, columns)


def _band(size, radius):
    """Symmetric matrix `[size, size]` that averages over 2 radius + 1 neighbours."""
    positions = np.arange(size)
    return (np.abs(positions[:, None] - positions) <= radius) / (2 * radius + 1)
