"""dSprites: dsprites_full, dsprites_noshape, and the sub-grid dsprites_hearts."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from absl import logging
from tqdm import tqdm

from tfdis import registry
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.log_once import log_once
from tfdis.data.sets.dsprites import rendering as rendering
from tfdis.data.sets.dsprites.original import FACTOR_SIZES, open_original, original_path
from tfdis.data.standardisation import Standardisation
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.store.cache import cache_folder
from tfdis.data.store.image_store import ImageStore, write_store
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData
from tfdis.files.once import make_folder_once

FACTOR_NAMES = ("color", "shape", "scale", "orientation", "position x", "position y")
HEART = rendering.SHAPES.index("heart")
_STRIP = range(12, 20)


class DSprites(StoredData):
    """White sprites on black: colour 1, shape 3, scale 6, orientation 40, x 32, y 32.

    Args:
        images: the 737,280 images, in the order of the grid.
        latent_factor_indices: positions in `FACTOR_NAMES` of the factors that are ground truth; the
            others are drawn anew for every image.
        name: the registered name.
        factor_sizes: numbers of values of all six factors.

    Raises:
        ValueError: the store does not hold one image for each combination.

    References:
        Matthey et al. (2017), "dSprites: Disentanglement testing Sprites dataset".
    """

    categorical_factors = ("shape",)

    def __init__(
        self,
        images: ImageStore,
        latent_factor_indices: Sequence[int] = (1, 2, 3, 4, 5),
        name: str = "dsprites_full",
        factor_sizes: Sequence[int] = FACTOR_SIZES,
    ):
        super().__init__(name, images, FACTOR_NAMES, factor_sizes, latent_factor_indices)


class DSpritesHearts(EnumerableData):
    """A sub-grid of dSprites: 1,536 hearts in orientation 0, in a strip.

    The factors are scale 6, x 32 and the 8 middle values of y: 12 to 19. The set is so small that a
    small model learns to disentangle it in minutes; its scores say nothing about dSprites.

    Args:
        images: the 6,144 images of hearts in orientation 0, or all 737,280 of dSprites, in the
            order of the grid.

    References:
        Matthey et al. (2017), "dSprites: Disentanglement testing Sprites dataset".
    """

    def __init__(self, images: ImageStore):
        super().__init__(
            name="dsprites_hearts",
            factor_names=("scale", "position x", "position y"),
            state_space=FactorStateSpace((6, 32, len(_STRIP))),
            image_shape=images.metadata.image_shape,
            provenance=images.metadata.provenance,
        )
        self.images = images

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        scale, x, y = self.indices_to_factors(np.asarray(indices, dtype=np.int64)).T
        sprite = scale
        if len(self.images) == np.prod(FACTOR_SIZES):
            sprite = (HEART * 6 + scale) * 40
        return self.images.images_at((sprite * 32 + x) * 32 + _STRIP[0] + y)


def dsprites_images() -> ImageStore:
    """All images of dSprites: those of the original archive if it is there, else re-rendered ones.

    Both are made into an image store in the cache on first use (377 MB).

    Raises:
        ValueError: the archive is there but damaged, or holds another data set.
        OSError: the cache cannot be written.
    """
    if original_path().exists():
        return open_original(original_path())
    metadata = _rendered_metadata("dSprites", int(np.prod(FACTOR_SIZES)))

    def write(folder: Path) -> None:
        logging.info("No original at %s: dSprites is re-rendered, once.", original_path())
        with contextlib.closing(_rendered_rows()) as rows:
            write_store(folder, metadata, rows)

    folder = cache_folder() / "dsprites-re-rendered-1"
    num_bytes = metadata.num_images * metadata.row_bytes
    make_folder_once(folder, write, num_bytes, "the re-rendered dSprites")
    log_once(f"dSprites: re-rendered, not the original file ({folder}).")
    return ImageStore.open(folder)


def dsprites_heart_images() -> ImageStore:
    """All 6,144 hearts in orientation 0, re-rendered, in memory (3 MB)."""
    rows = np.concatenate([rendering.render_positions(HEART, scale, 0) for scale in range(6)])
    log_once("dSprites hearts: re-rendered, not images of the original file.")
    return ImageStore(_rendered_metadata("dSprites hearts, orientation 0", len(rows)), rows)


def _rendered_metadata(name: str, num_images: int) -> StoreMetadata:
    return StoreMetadata(
        name=name,
        num_images=num_images,
        image_shape=(rendering.IMAGE_SIZE, rendering.IMAGE_SIZE, 1),
        encoding="bits",
        provenance="re-rendered",
        source="drawn after the published description; at most a few pixels an image differ",
    )


def _rendered_rows() -> Iterator[np.ndarray]:
    sprites = list(np.ndindex(*FACTOR_SIZES[1:4]))
    with tqdm(sprites, desc="dSprites (re-rendered)", unit="sprite") as progress:
        for sprite in progress:
            yield rendering.render_positions(*sprite)


# What `tfdis list data` says of sets that need no file.
REDRAWN = "re-rendered"
# No hash of it is published; the loader checks the content.
ORIGINAL = RemoteFile(
    path="dsprites/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    urls=(
        "https://github.com/deepmind/dsprites-dataset/raw/master/"
        "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    ),
)
_STANDARDISATION = Standardisation((0.042494423521889584,), (0.19516645880626055,))


@registry.data_set(
    "dsprites_full", files=(ORIGINAL,), source=REDRAWN, standardisation=_STANDARDISATION
)
def dsprites_full() -> DSprites:
    """The white shapes of dSprites with five factors, 737,280 images."""
    return DSprites(dsprites_images())


@registry.data_set(
    "dsprites_noshape", files=(ORIGINAL,), source=REDRAWN, standardisation=_STANDARDISATION
)
def dsprites_noshape() -> DSprites:
    """The same as dsprites_full without the factor of shape, which is drawn anew for every image."""
    return DSprites(dsprites_images(), (2, 3, 4, 5), "dsprites_noshape")


@registry.data_set("dsprites_hearts", source=REDRAWN)
def dsprites_hearts() -> DSpritesHearts:
    """1,536 hearts of dSprites with three factors, for demonstrations."""
    has_original = original_path().exists()
    return DSpritesHearts(dsprites_images() if has_original else dsprites_heart_images())
