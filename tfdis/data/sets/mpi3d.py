"""MPI3D: mpi3d_toy, mpi3d_realistic, mpi3d_real, mpi3d_real_complex."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.download.originals import find_original
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.npz import NpzArray
from tfdis.data.registry import register
from tfdis.data.store.conversion import convert_once, images_a_batch
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = (
    "object color",
    "object shape",
    "object size",
    "camera height",
    "background color",
    "horizontal axis",
    "vertical axis",
)
GRIDS = ((6, 6, 2, 3, 3, 40, 40), (4, 4, 2, 3, 3, 40, 40))
IMAGE_SHAPE = (64, 64, 3)


class MPI3D(StoredData):
    """A robot arm that holds an object: simulated, rendered realistically, or photographed.

    Object colour and shape have 6 values each in today's files (1,036,800 images), 4 each in
    mpi3d_real_complex and in the files of the time of the challenge (460,800 images), which are
    those that disentanglement_lib loads: the number of images tells which. Observations are
    float32; disentanglement_lib's are the same values in float64.

    Args:
      name: the registered name.
      images: the images in the order of the grid.
      factor_sizes: sizes of the seven factors.

    References:
      Gondal et al., On the Transfer of Inductive Bias from Simulation to the Real World: a New
      Disentanglement Dataset, 2019, arXiv:1906.03292.
    """

    def __init__(self, name: str, images: ImageStore, factor_sizes: tuple[int, ...]):
        super().__init__(name, images, FACTOR_NAMES, factor_sizes)


def open_original(
    name: str, path: Path, grids: tuple[tuple[int, ...], ...] = GRIDS
) -> tuple[ImageStore, tuple[int, ...]]:
    """Opens an archive's images, unpacked into the cache on first use, and finds its grid.

    Args:
      name: the registered name.
      path: the npz archive, with an array `images`.
      grids: the factor sizes that are known; the number of images chooses.

    Returns:
      The images, in the archive's order, and the factor sizes.

    Raises:
      ValueError: if the archive is damaged, or holds other images than MPI3D's.
      OSError: if the cache cannot be written.
    """
    array = NpzArray(path, "images")
    sizes = {int(np.prod(grid)): grid for grid in grids}
    if array.dtype != np.uint8 or array.shape[0] not in sizes or array.shape[1:] != IMAGE_SHAPE:
        expected = f"images, uint8 of shape ({' or '.join(map(str, sizes))}, 64, 64, 3)"
        raise archive_error(path, expected, f"{array.dtype} of shape {array.shape}")
    metadata = StoreMetadata(
        name=name,
        num_images=array.shape[0],
        image_shape=IMAGE_SHAPE,
        encoding="bytes",
        provenance="original",
        source=f"images of {Path(path).name}, CRC-32 {array.checksum:08x}",
    )

    def images() -> Iterator[np.ndarray]:
        return array.batches(images_a_batch(IMAGE_SHAPE))

    store = convert_once(f"{name}-original-{array.checksum:08x}", metadata, images)
    return store, sizes[array.shape[0]]


def _build(name: str, *other_files: str) -> MPI3D:
    path = find_original(name, f"{name}/{name}.npz", *(f"{name}/{file}" for file in other_files))
    return MPI3D(name, *open_original(name, path))


@register("mpi3d_toy")
def mpi3d_toy() -> MPI3D:
    """Builds mpi3d_toy: simple renderings."""
    return _build("mpi3d_toy")


@register("mpi3d_realistic")
def mpi3d_realistic() -> MPI3D:
    """Builds mpi3d_realistic: realistic renderings."""
    return _build("mpi3d_realistic")


@register("mpi3d_real")
def mpi3d_real() -> MPI3D:
    """Builds mpi3d_real: photographs."""
    return _build("mpi3d_real", "real.npz")


@register("mpi3d_real_complex")
def mpi3d_real_complex() -> MPI3D:
    """Builds mpi3d_real_complex: photographs of everyday objects, 4 colours and 4 shapes."""
    return _build("mpi3d_real_complex", "real3d_complicated_shapes_ordered.npz")
