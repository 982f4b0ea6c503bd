"""Standardised images, (x - mean) / std, with the published constants of each data set."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from tfdis import registry

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of pixels in [0, 1], one for all channels or one for each.

    The deviation is the mean over images of each image's own unbiased deviation
    (`image_statistics`).

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (and its authors' configuration, for MPI3D).
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    # Number of images of the variant that the constants belong to, if a name has several; None for all.
    num_images: int | None = None

    def apply(self, images: "np.ndarray | tf.Tensor") -> "np.ndarray | tf.Tensor":
        """(x - mean) / std of images in [0, 1], NumPy arrays or tensors, `[..., channels]`."""
        return (images - np.float32(self.mean)) / np.float32(self.std)

    def undo(self, images: "np.ndarray | tf.Tensor") -> "np.ndarray | tf.Tensor":
        """Images in [0, 1] that standardised ones come from; the inverse of `apply`."""
        return images * np.float32(self.std) + np.float32(self.mean)


def published_standardisation(name: str, num_images: int | None = None) -> Standardisation:
    """The published constants of a data set.

    Args:
        name: the data set's registered name.
        num_images: number of images of the set, which tells its variants apart; None takes any
            variant.

    Raises:
        ValueError: no constants are published, or only those of another variant.

    Example:
        >>> published_standardisation("xysquares").mean
        (0.015625,)
    """
    fix = f"Fix: compute them with bin/dataset_stats --dataset={name}."
    published = registry.DATA_SETS.facts("standardisation")
    if name not in published:
        raise ValueError(
            f"Expected a data set with published constants, one of {', '.join(published)}. "
            f"Received: {name!r}. {fix}"
        )
    constants = published[name]
    if num_images is not None and constants.num_images not in (None, num_images):
        raise ValueError(
            f"Expected the variant of {name} that the published constants belong to, of "
            f"{constants.num_images} images. Received: {num_images} images. {fix}"
        )
    return constants


def standardised(stream: "tf.data.Dataset", constants: Standardisation) -> "tf.data.Dataset":
    """A stream whose images are standardised; everything else in it stays as it is.

    Args:
        stream: data set with elements of any structure; its images are the floating-point tensors
            of four axes, in [0, 1].
        constants: `published_standardisation(name)`, or constants of your own.

    Returns:
        A stream of the same structure, as endless and as exact to resume as the one given.
    """
    import tensorflow as tf

    def apply(tensor):
        is_images = tensor.dtype.is_floating and tensor.shape.rank == 4
        return constants.apply(tensor) if is_images else tensor

    return stream.map(lambda *parts: _map(tf, apply, parts))


def _map(tf, function, parts):
    mapped = tf.nest.map_structure(function, parts)
    return mapped if len(parts) > 1 else mapped[0]
