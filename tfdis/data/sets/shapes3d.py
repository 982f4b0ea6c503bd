"""3D Shapes, from the published 3dshapes.h5 or from the archive that disentanglement_lib reads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original, fingerprint
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_table import check_table_is_grid
from tfdis.data.formats.h5 import H5Array
from tfdis.data.formats.npz import NpzArray
from tfdis.data.standardisation import Standardisation
from tfdis.data.store.conversion import convert_once, images_a_batch
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = ("floor hue", "wall hue", "object hue", "scale", "shape", "orientation")
FACTOR_SIZES = (10, 10, 10, 8, 4, 15)
IMAGE_SHAPE = (64, 64, 3)
FILES = (
    "3dshapes/3dshapes.h5",
    "3dshapes/look-at-object-room_floor-hueXwall-hueXobj-hueXobj-sizeXobj-shapeXview-azi.npz",
)


class Shapes3D(StoredData):
    """An object in a room: floor 10, wall 10, object hue 10, scale 8, shape 4, orientation 15.

    Args:
        images: the 480,000 images, in the order of the grid.
        factor_sizes: numbers of values of all six factors.

    References:
        Burgess and Kim (2018), "3D Shapes Dataset".
        Kim and Mnih (2018), "Disentangling by Factorising", ICML. arXiv:1802.05983.
    """

    categorical_factors = ("shape",)

    def __init__(self, images: ImageStore, factor_sizes: tuple[int, ...] = FACTOR_SIZES):
        super().__init__("shapes3d", images, FACTOR_NAMES, factor_sizes)


def open_original(path: Path, factor_sizes: tuple[int, ...] = FACTOR_SIZES) -> ImageStore:
    """Opens the images of an original file, unpacked into the cache on first use.

    Args:
        path: path of a `.h5` with `images` `[480000, 64, 64, 3]` and `labels` `[480000, 6]`, or of
            a `.npz` whose arrays have the six factors for axes instead of the first one.
        factor_sizes: numbers of values of all six factors.

    Raises:
        ValueError: the file is damaged, or holds other images or other labels.
        OSError: the cache cannot be written.
    """
    path = Path(path)
    array, labels = _arrays(path)
    num_images = int(np.prod(factor_sizes))
    for received, dtype, expected in (
        (array, "u", (num_images, *IMAGE_SHAPE)),
        (labels, "iuf", (num_images, len(factor_sizes))),
    ):
        if received.shape != expected or received.dtype.kind not in dtype:
            found = f"{received.dtype} of shape {received.shape}"
            raise archive_error(path, f"images and labels, one of shape {expected}", found)
    key = fingerprint([path])
    metadata = StoreMetadata(
        name="3D Shapes",
        num_images=num_images,
        image_shape=IMAGE_SHAPE,
        encoding="bytes",
        provenance="original",
        source=f"images of {path.name}, fingerprint {key}",
    )

    def images() -> Iterator[np.ndarray]:
        table = np.concatenate(list(labels.batches(num_images)))
        check_table_is_grid(table, factor_sizes, f"labels of {path}")
        yield from array.batches(images_a_batch(IMAGE_SHAPE))

    return convert_once(f"shapes3d-original-{key}", metadata, images)


def _arrays(path: Path) -> tuple[H5Array | NpzArray, H5Array | NpzArray]:
    if path.suffix != ".npz":
        return H5Array(path, "images"), H5Array(path, "labels")
    arrays = NpzArray(path, "images"), NpzArray(path, "labels")
    for array in arrays:
        if len(array.shape) > 6:
            array.merge_axes(6)
    return arrays


@registry.data_set(
    "shapes3d",
    files=(
        RemoteFile(
            path=FILES[0],
            urls=("https://storage.googleapis.com/3d-shapes/3dshapes.h5",),
            hash="sha256:0a0f6ed98baff276a50f3a081a7434d788da63cb135a98189b2a5b5769be1785",
            num_bytes=267573662,
        ),
    ),
    standardisation=Standardisation(
        (0.502584966788819, 0.5787597566089667, 0.6034499731859578),
        (0.2940814043555559, 0.3443979087517214, 0.3661685981524748),
    ),
    matrix_sizes=(10, 10, 10, 4, 4, 4),
)
def shapes3d() -> Shapes3D:
    """3D Shapes: an object in a coloured room, six factors, 480,000 images."""
    return Shapes3D(open_original(find_original("shapes3d", *FILES)))
