"""CelebA with its 40 attributes, from the aligned pictures and the lists beside them."""

import os
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.formats.attribute_list import read_attributes
from tfdis.data.formats.errors import archive_error
from tfdis.data.sets.picture_files import open_picture_files
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.rows_data import RowsData

FOLDER = "celeba"
PICTURES = "img_align_celeba"
PARTITIONS = {"train": 0, "valid": 1, "test": 2}
_HOW_TO_GET = (
    "unpack img_align_celeba.zip and put list_attr_celeba.txt (or .csv) and, for a partition, "
    f"list_eval_partition.txt beside it in {FOLDER}/ (from the authors' page of CelebA)"
)


class CelebA(RowsData):
    """Faces of celebrities with 40 binary attributes, which are correlated and form no grid.

    Args:
        images: the images, one for each row of the list.
        names: names of the attributes.
        attributes: 0 or 1, `[num_images, num_attributes]`.

    References:
        Liu et al. (2015), "Deep Learning Face Attributes in the Wild", ICCV. arXiv:1411.7766.
    """

    def __init__(self, images: ImageStore, names: list[str], attributes: np.ndarray):
        super().__init__("celeba", images, names, attributes, [2] * len(names))


def read_partition(path: Path) -> dict[str, int]:
    """Reads `list_eval_partition.txt`, or its csv: 0, 1 or 2 for training, validation, test, by file name."""
    rows = [
        line.replace(",", " ").split() for line in path.read_text().splitlines() if line.strip()
    ]
    rows = rows[1:] if rows and rows[0][0] == "image_id" else rows
    if not rows or any(len(row) != 2 or row[1] not in ("0", "1", "2") for row in rows):
        raise archive_error(path, "rows of a file name and 0, 1 or 2", "others")
    return {name: int(part) for name, part in rows}


def open_original(folder: Path, names: list[str], image_size: int) -> ImageStore:
    """Opens the named pictures of `img_align_celeba`, resized whole into the cache on first use."""
    pictures = folder / PICTURES
    there = set(os.listdir(pictures)) if pictures.is_dir() else ()
    for name in names:
        if name not in there:
            raise archive_error(folder, f"a picture {PICTURES}/{name}", "none")
    paths = [pictures / name for name in names]
    key, source = f"celeba-{image_size}-{len(paths)}", f"{PICTURES}, {len(paths)} pictures"
    return open_picture_files(key, "CelebA", paths, image_size, source)


@registry.data_set("celeba", place=FOLDER)
@gin.configurable("celeba", module="tfdis.data")
def celeba(image_size: int = 64, partition: str | None = None) -> CelebA:
    """CelebA: 202,599 pictures of faces with 40 binary attributes, which form no grid.

    Args:
        image_size: height and width in pixels, to which the whole pictures of 218 x 178 are resized.
        partition: "train", "valid" or "test"; None for all pictures.

    Raises:
        FileNotFoundError: the original files are missing.
        ValueError: an unknown partition, or files that are damaged.
    """
    attributes = _find_list("list_attr_celeba")
    files, names, values = read_attributes(attributes)
    if partition is not None:
        kept = _rows_of(partition, files)
        files, values = [files[row] for row in kept], values[kept]
    return CelebA(open_original(attributes.parent, files, image_size), names, values)


def _find_list(name):
    paths = [f"{FOLDER}/{name}.{suffix}" for suffix in ("txt", "csv")]
    return find_original("celeba", *paths, fix=_HOW_TO_GET)


def _rows_of(partition, files):
    if partition not in PARTITIONS:
        raise ValueError(
            f"Expected celeba.partition out of {list(PARTITIONS)}, or None. Received: {partition!r}."
        )
    path = _find_list("list_eval_partition")
    parts = read_partition(path)
    kept = [row for row, name in enumerate(files) if parts.get(name) == PARTITIONS[partition]]
    if not kept:
        raise archive_error(path, f"pictures of the partition {partition!r}", "none")
    return kept
