"""Sprites: walking, casting, slashing characters, from the arrays that the authors' scripts make."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis import registry
from tfdis.data.download.originals import fingerprint, missing_error, originals_folder
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_table import rows_of_grid
from tfdis.data.formats.npy import NpyArray
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = ("body", "bottom wear", "top wear", "hair", "action", "direction", "frame")
ACTIONS = ("walk", "spellcard", "slash")
DIRECTIONS = ("front", "left", "right")
NUM_VARIANTS = 6
NUM_FRAMES = 8
IMAGE_SHAPE = (64, 64, 3)
FOLDER = "sprites/npy"
_HOW_TO_MAKE = (
    "run random_character.py and frame_to_npy.py of github.com/YingzhenLi/Sprites, which draw the "
    f"characters from the sheets of the Liberated Pixel Cup, and put the folder npy/ at {FOLDER}"
)


class Sprites(StoredData):
    """Characters: body, bottom wear, top wear, hair 6 each, action 3, direction 3, frame 8.

    Args:
        images: the 93,312 images, in the order of the grid.
        num_variants: number of bodies, and of each kind of clothes and hair.

    References:
        Li and Mandt (2018), "Disentangled Sequential Autoencoder", ICML. arXiv:1803.02991.
    """

    def __init__(self, images: ImageStore, num_variants: int = NUM_VARIANTS):
        super().__init__("sprites", images, FACTOR_NAMES, factor_sizes(num_variants))


def factor_sizes(num_variants: int = NUM_VARIANTS) -> tuple[int, ...]:
    """Numbers of values of all factors."""
    return (num_variants,) * 4 + (len(ACTIONS), len(DIRECTIONS), NUM_FRAMES)


def open_original(folder: Path, num_variants: int = NUM_VARIANTS) -> ImageStore:
    """Opens the images of the authors' arrays, as bytes in the cache on first use.

    Args:
        folder: path of a folder with `<action>_<direction>_{frames,attributes}_{train,test}.npy`:
            float32 frames `[characters, 8, 64, 64, 3]`, pixel / 256, and attributes
            `[characters, 8, 4, 6]`, one-hot.
        num_variants: as for `Sprites`.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged or of another shape, or characters are missing.
        OSError: the cache cannot be written.
    """
    paths = {
        (action, direction, kind, fold): folder / f"{action}_{direction}_{kind}_{fold}.npy"
        for action in ACTIONS
        for direction in DIRECTIONS
        for kind in ("frames", "attributes")
        for fold in ("train", "test")
    }
    missing = [path for path in paths.values() if not path.exists()]
    if missing:
        raise missing_error("sprites", [f"{FOLDER}/{missing[0].name}"], _HOW_TO_MAKE)
    arrays = {place: NpyArray(path) for place, path in paths.items()}
    for (_, _, kind, _), array in arrays.items():
        expected = (NUM_FRAMES, *(IMAGE_SHAPE if kind == "frames" else (4, num_variants)))
        if array.shape[1:] != expected or array.dtype != np.float32:
            received = f"{array.dtype} of shape {array.shape}"
            raise archive_error(array.path, f"float32 of shape (characters, *{expected})", received)
    key = fingerprint(paths.values())
    metadata = StoreMetadata(
        name="Sprites",
        num_images=int(np.prod(factor_sizes(num_variants))),
        image_shape=IMAGE_SHAPE,
        encoding="bytes",
        provenance="original",
        source=f"arrays of frame_to_npy.py, fingerprint {key}",
    )
    return convert_once(f"sprites-{key}", metadata, lambda: _images(arrays, num_variants))


def _images(arrays: dict, num_variants: int) -> Iterator[np.ndarray]:
    """All images of one character after the other, in the order of the grid."""
    orders = {}
    for action in ACTIONS:
        for direction in DIRECTIONS:
            tables = [arrays[action, direction, "attributes", fold] for fold in ("train", "test")]
            codes = np.concatenate([table.read(0, table.shape[0])[:, 0] for table in tables])
            what = f"attributes of {action}, {direction}, in {tables[0].path.parent}"
            orders[action, direction] = rows_of_grid(
                codes.argmax(axis=-1), (num_variants,) * 4, what
            )
    for character in range(num_variants**4):
        for (action, direction), rows in orders.items():
            yield _frames(arrays, action, direction, int(rows[character]))


def _frames(arrays: dict, action: str, direction: str, row: int) -> np.ndarray:
    train, test = (arrays[action, direction, "frames", fold] for fold in ("train", "test"))
    is_train = row < train.shape[0]
    array, row = (train, row) if is_train else (test, row - train.shape[0])
    frames = array.read(row, 1)[0] * 256
    if frames.min() < 0 or frames.max() > 255 or np.any(frames != np.round(frames)):
        raise archive_error(array.path, "multiples of 1/256 below 1", "other values")
    return frames.astype(np.uint8)


@registry.data_set("sprites", place=FOLDER)
def sprites() -> Sprites:
    """Sprites: walking, casting, slashing characters, seven factors, 93,312 images."""
    return Sprites(open_original(originals_folder() / FOLDER))
