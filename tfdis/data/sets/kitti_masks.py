"""KITTI Masks: outlines of pedestrians in videos, whose position and size are the factors."""

from collections.abc import Iterator
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original, fingerprint
from tfdis.data.formats.array_pickle import read_array_pickle
from tfdis.data.formats.errors import archive_error
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.rows_data import RowsData, bin_values
from tfdis.data.store.store_format import StoreMetadata

FACTOR_NAMES = ("y", "x", "area")
FILE = "kitti_masks/kitti_peds_v2.pickle"
_SHAPE = (64, 64, 1)
_LONGEST_STEP = 5
_HOW_TO_GET = (
    f"put kitti_peds_v2.pickle of Zenodo 3931823 at {FILE}; it is read without executing it"
)


class KittiMasks(RowsData):
    """Masks of pedestrians, one after the other in each sequence.

    Factors are bins of centre of mass y and x and of the area, in pixels; `values` has the values
    themselves. Pairs are frames of one sequence (`pairs.sampling = "frames"`).

    Args:
        images: all frames.
        latents: y, x, area, `[num_images, 3]`.
        lengths: numbers of frames of the sequences.
        num_bins: number of bins of each factor, of equal width.
        longest_step: largest number of frames between the two of a pair.

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """

    def __init__(
        self,
        images: ImageStore,
        latents: np.ndarray,
        lengths: list[int],
        num_bins: int = 10,
        longest_step: int = _LONGEST_STEP,
    ):
        if longest_step < 1 or max(lengths) < 2:
            raise ValueError(
                "Expected kitti_masks.longest_step of at least 1, and a sequence of two frames or more. "
                f"Received: {longest_step!r}, and at most {max(lengths)} frames."
            )
        labels, sizes = bin_values(latents, num_bins), [num_bins] * 3
        super().__init__("kitti_masks", images, FACTOR_NAMES, labels, sizes, latents)
        self.longest_step = longest_step
        self._last = np.repeat(np.cumsum(lengths) - 1, lengths)
        self._starts = np.flatnonzero(np.arange(len(images)) != self._last)

    def sample_frame_pairs(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws pairs of any frame but the last of a sequence, and one 1 to `longest_step` later.

        A step beyond the end of the sequence leads to its last frame.

        Returns:
            Float32 pairs `[num, 2, 64, 64, 1]`, and boolean `[num, 3]`, which factors differ.
        """
        first = self._starts[random_state.randint(len(self._starts), size=num)]
        steps = random_state.randint(1, self.longest_step + 1, size=num)
        rows = np.stack([first, np.minimum(first + steps, self._last[first])], axis=1)
        images = self.images_at(rows.ravel()).astype(np.float32) / np.float32(255)
        differing = self.labels[rows[:, 0]] != self.labels[rows[:, 1]]
        return images.reshape(num, 2, *_SHAPE), differing


def open_original(path: Path, num_bins: int = 10, longest_step: int = 5) -> KittiMasks:
    """Opens the authors' pickle; its masks are copied into the cache on first use.

    Args:
        path: path of a pickle of a dictionary: `pedestrians`, a list of boolean masks
            `[num_frames, 64, 64]`, and `pedestrians_latents`, a list of floats `[num_frames, 3]`.
        num_bins: as for `KittiMasks`.
        longest_step: as for `KittiMasks`.

    Raises:
        ValueError: the file is damaged, is of another form, or names anything but arrays.
        OSError: the cache cannot be written.
    """
    contents = read_array_pickle(path)
    masks, latents = _checked(path, contents)
    lengths = [len(part) for part in masks]
    key = fingerprint([path])
    metadata = StoreMetadata(
        name="KITTI Masks",
        num_images=sum(lengths),
        image_shape=_SHAPE,
        encoding="bits",
        provenance="original",
        source=f"{path.name}, fingerprint {key}",
    )

    def images() -> Iterator[np.ndarray]:
        for part in masks:
            yield part.astype(np.uint8)[..., None] * np.uint8(255)

    store = convert_once(f"kitti-masks-{key}", metadata, images)
    return KittiMasks(store, np.concatenate(latents), lengths, num_bins, longest_step)


def _checked(path, contents):
    masks, latents = (
        contents.get(name) if isinstance(contents, dict) else None
        for name in ("pedestrians", "pedestrians_latents")
    )
    is_lists = type(masks) is list and type(latents) is list and masks
    if not is_lists or len(masks) != len(latents):
        raise archive_error(
            path, "lists pedestrians and pedestrians_latents of one length", "others"
        )
    for mask, latent in zip(masks, latents, strict=True):
        shapes = getattr(mask, "shape", None), getattr(latent, "shape", None)
        if shapes != ((len(latent), *_SHAPE[:2]), (len(mask), 3)) or not len(mask):
            expected = "masks [num_frames, 64, 64] and latents [num_frames, 3]"
            raise archive_error(path, expected, f"shapes {shapes}")
        if mask.dtype != bool or not np.isfinite(latent).all():
            raise archive_error(path, "boolean masks and finite latents", f"{mask.dtype}")
    return masks, [latent.astype(np.float64) for latent in latents]


@registry.data_set("kitti_masks", place=FILE)
@gin.configurable("kitti_masks", module="tfdis.data")
def kitti_masks(num_bins: int = 10, longest_step: int = _LONGEST_STEP) -> KittiMasks:
    """Outlines of pedestrians in videos: place and area as factors, pairs of frames.

    Args:
        num_bins: number of bins of each factor.
        longest_step: largest number of frames between the two of a pair.
    """
    path = find_original("kitti_masks", FILE, fix=_HOW_TO_GET)
    return open_original(path, num_bins, longest_step)
