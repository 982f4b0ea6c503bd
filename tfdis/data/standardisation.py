"""Standardised images, (x - mean) / std, with the published constants of each data set."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of pixels in [0, 1], one for all channels or one for each.

    The deviation is the mean over images of each image's own unbiased deviation
    (`image_statistics`).

    References:
      Michlo, Klein, James, Overlooked Implications of the Reconstruction Loss for VAE
      Disentanglement, 2023, arXiv:2202.13341, and the configuration of its authors (MPI3D).
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    # Of the variant that the constants belong to, where a name has several; None: of all.
    num_images: int | None = None

    def apply(self, images):
        """(x - mean) / std of images in [0, 1], NumPy arrays or tensors, `[..., channels]`."""
        return (images - np.float32(self.mean)) / np.float32(self.std)

    def undo(self, images):
        """Images in [0, 1] of standardised ones."""
        return images * np.float32(self.std) + np.float32(self.mean)


_DSPRITES = Standardisation((0.042494423521889584,), (0.19516645880626055,))
_SMALLNORB_TRAINING = Standardisation((0.7520918401088603,), (0.09563879016827262,), 24_300)
PUBLISHED: dict[str, Standardisation] = {
    "cars3d": Standardisation(
        (0.8976676149976628, 0.8891658020067508, 0.885147515814868),
        (0.22503195531503034, 0.2399461278981261, 0.24792106319684404),
    ),
    "dsprites_full": _DSPRITES,
    "dsprites_noshape": _DSPRITES,
    "mpi3d_real": Standardisation(
        (0.12848577057593918, 0.1648033279246875, 0.13971583058948006),
        (0.09329210572942123, 0.09203401520672466, 0.10322983729706256),
    ),
    "mpi3d_realistic": Standardisation(
        (0.17986945797157425, 0.20474678611954758, 0.18148154235228137),
        (0.08746476487506775, 0.09330995331830938, 0.09242232801328121),
    ),
    "mpi3d_toy": Standardisation(
        (0.22437325567325045, 0.22141877351640138, 0.22625457849943273),
        (0.0690013611690731, 0.06343387069571882, 0.07607519758722009),
    ),
    "shapes3d": Standardisation(
        (0.502584966788819, 0.5787597566089667, 0.6034499731859578),
        (0.2940814043555559, 0.3443979087517214, 0.3661685981524748),
    ),
    # Of the training chunk, resized bilinearly (gin/data/smallnorb_training.gin).
    "smallnorb": _SMALLNORB_TRAINING,
    "xyobject": Standardisation((0.009818761549013288,), (0.05263236372524585,)),
    "xyobject_shaded": Standardisation((0.009818761549013288,), (0.05263236372524585,)),
    "xysquares": Standardisation((0.015625,), (0.12403473458920855,)),
}


def published_standardisation(name: str, num_images: int | None = None) -> Standardisation:
    """The published constants of a data set.

    Args:
      name: the data set's registered name.
      num_images: how many images the set has, to tell its variants apart; None does not ask.

    Raises:
      ValueError: if none are published, or those of another variant.

    Example:
      >>> published_standardisation("xysquares").mean
      (0.015625,)
    """
    fix = f"Fix: compute them with bin/dataset_stats --dataset={name}."
    if name not in PUBLISHED:
        raise ValueError(
            f"Expected a data set with published constants, one of {', '.join(sorted(PUBLISHED))}. "
            f"Received: {name!r}. {fix}"
        )
    constants = PUBLISHED[name]
    if num_images is not None and constants.num_images not in (None, num_images):
        raise ValueError(
            f"Expected the variant of {name} that the published constants belong to, of "
            f"{constants.num_images} images. Received: {num_images} images. {fix}"
        )
    return constants


def standardised(stream: "tf.data.Dataset", constants: Standardisation) -> "tf.data.Dataset":
    """A stream whose images are standardised; whatever else it gives stays as it is.

    Args:
      stream: elements are any structure; tensors of floats with four axes are its images, in [0, 1].
      constants: `published_standardisation(name)`, or your own.

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
