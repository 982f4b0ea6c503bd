"""Standardised images, (x - mean) / std, with the published constants of each data set."""

import dataclasses

from tfdis import registry


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
