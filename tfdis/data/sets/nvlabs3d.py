"""Isaac3D and Falcor3D: rendered scenes of NVLabs, from the folders of pictures that they published."""

from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_table import check_table_is_grid
from tfdis.data.formats.npy import NpyArray
from tfdis.data.sets.picture_files import numbered_pictures, open_picture_files
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.stored_data import StoredData

# The order of the columns of `labels.npy`. The formula in the publisher's README names them in another
# order, which does not fit its own numbers.
ISAAC_FACTORS = {
    "object shape": 3,
    "robot x": 8,
    "robot y": 5,
    "camera height": 4,
    "object scale": 4,
    "lighting intensity": 4,
    "lighting y direction": 6,
    "object color": 4,
    "wall color": 4,
}
FALCOR_FACTORS = {
    "lighting intensity": 5,
    "lighting x": 6,
    "lighting y": 6,
    "lighting z": 6,
    "camera x": 6,
    "camera y": 6,
    "camera z": 6,
}
# Folder and file of labels of each set.
LAYOUTS = {
    "isaac3d": ("Isaac3D_down128", "labels.npy", ISAAC_FACTORS),
    "falcor3d": ("Falcor3D_down128", "train-rec.labels", FALCOR_FACTORS),
}
_HOW_TO_GET = (
    "unpack {folder}.zip (linked from NVLabs' page of the data set, CC BY 4.0) below that folder"
)


class NVLabs3D(StoredData):
    """Isaac3D: a robot arm in a kitchen; Falcor3D: a living room.

    Args:
        name: "isaac3d" or "falcor3d".
        images: the images, in the order of the grid.
        factors: number of values of each factor, by name.

    References:
        Nie et al. (2020), "Semi-Supervised StyleGAN for Disentanglement Learning", ICML.
        arXiv:2003.03461.
    """

    def __init__(self, name: str, images: ImageStore, factors: dict[str, int]):
        super().__init__(name, images, list(factors), list(factors.values()))
        categorical = ("object shape", "object color", "wall color")
        self.categorical_factors = tuple(c for c in categorical if c in factors)


def open_original(
    name: str, folder: Path, labels: str, factors: dict[str, int], image_size: int = 128
) -> ImageStore:
    """Opens the images of a folder, converted into the cache on first use.

    Args:
        name: the registered name.
        folder: path of a folder with `images/000000.png`, ... in the order of the grid, and labels.
        labels: name of the npy file of labels, float `[num_images, num_factors]`.
        factors: number of values of each factor, by name.
        image_size: height and width in pixels; pictures of another size are resized bicubically.

    Raises:
        FileNotFoundError: a picture is missing.
        ValueError: a file is damaged, or the labels are not those of the grid.
        OSError: the cache cannot be written.
    """
    sizes = list(factors.values())
    num_images = int(np.prod(sizes))
    table = NpyArray(folder / labels)
    if table.shape != (num_images, len(sizes)) or table.dtype.kind != "f":
        received = f"{table.dtype} of shape {table.shape}"
        raise archive_error(
            table.path, f"float labels of shape ({num_images}, {len(sizes)})", received
        )
    check_table_is_grid(table.read(0, num_images), sizes, f"labels of {table.path}")
    paths = numbered_pictures(folder, num_images, 6)
    key = f"{name}-{image_size}"
    return open_picture_files(key, name, paths, image_size, folder.name, [table.path])


def _build(name, image_size):
    folder, labels, factors = LAYOUTS[name]
    fix = _HOW_TO_GET.format(folder=folder)
    path = find_original(name, f"{folder}/{labels}", fix=fix).parent
    return NVLabs3D(name, open_original(name, path, labels, factors, image_size), factors)


@registry.data_set("isaac3d", place=LAYOUTS["isaac3d"][0])
@gin.configurable("isaac3d", module="tfdis.data")
def isaac3d(image_size: int = 128) -> NVLabs3D:
    """Isaac3D: a robot in a kitchen, rendered; nine factors, 737,280 images.

    Args:
        image_size: height and width in pixels: 128 as published, or 64 as papers have it.
    """
    return _build("isaac3d", image_size)


@registry.data_set("falcor3d", place=LAYOUTS["falcor3d"][0])
@gin.configurable("falcor3d", module="tfdis.data")
def falcor3d(image_size: int = 128) -> NVLabs3D:
    """Falcor3D: a living room, rendered; seven factors, 233,280 images.

    Args:
        image_size: height and width in pixels: 128 as published, or 64 as papers have it.
    """
    return _build("falcor3d", image_size)
