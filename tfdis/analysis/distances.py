"""Distances of images as a reconstruction loss sees them: functions of two batches -> [batch]."""

from collections.abc import Callable

import numpy as np

Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]
_MARGIN = 1e-6


def mean_squared_difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean over pixels and channels of (x - y)^2.

    Args:
        x: images `[batch, height, width, channels]`.
        y: images of the same shape.

    Returns:
        `[batch]` distances; at most 1 for images in [0, 1].

    Example:
        >>> float(mean_squared_difference(np.zeros([1, 2, 2, 1]), np.full([1, 2, 2, 1], 0.5))[0])
        0.25
    """
    difference = (np.asarray(x) - y).reshape(len(x), -1)
    return np.einsum("ij,ij->i", difference, difference) / difference.shape[1]


def reconstruction_distance(loss: Callable) -> Distance:
    """The distance that belongs to a reconstruction loss of `tfdis.objectives`.

    d(x, y) is the loss of x when the decoder's output stands for exactly y, divided by height *
    width * channels, so that it is a mean over pixels. The loss's activation is inverted first, y
    clipped to [1e-6, 1 - 1e-6] where it must be.

    Args:
        loss: a `ReconstructionLoss`, e.g. `BoxBlurMSELoss()`.

    Returns:
        A function of two batches of images. It is not symmetric unless the loss is.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341.
    """

    def distance(x, y):
        output = _decoder_output(np.asarray(y, np.float32), loss.activation)
        losses = loss(np.asarray(x, np.float32), output)
        return np.asarray(losses) / np.prod(np.shape(x)[1:])

    return distance


def _decoder_output(images, activation):
    """The decoder's output that the activation turns into these images."""
    if activation == "linear":
        return images
    images = np.clip(images, _MARGIN, 1 - _MARGIN)
    if activation == "tanh":
        return np.arctanh(2 * images - 1)
    return np.log(images) - np.log1p(-images)
