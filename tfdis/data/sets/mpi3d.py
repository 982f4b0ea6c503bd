"""MPI3D: mpi3d_toy, mpi3d_realistic, mpi3d_real, mpi3d_real_complex."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.npz import NpzArray
from tfdis.data.standardisation import Standardisation
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
    those that disentanglement_lib loads; the number of images tells them apart. Observations are
    float32; disentanglement_lib's are the same values in float64.

    Args:
        name: the registered name.
        images: the images, in the order of the grid.
        factor_sizes: numbers of values of the seven factors.

    References:
        Gondal et al. (2019), "On the Transfer of Inductive Bias from Simulation to the Real World:
        a New Disentanglement Dataset", NeurIPS. arXiv:1906.03292.
    """

    categorical_factors = ("object shape",)

    def __init__(self, name: str, images: ImageStore, factor_sizes: tuple[int, ...]):
        super().__init__(name, images, FACTOR_NAMES, factor_sizes)


def open_original(
    name: str, path: Path, grids: tuple[tuple[int, ...], ...] = GRIDS
) -> tuple[ImageStore, tuple[int, ...]]:
    """Opens an archive's images, unpacked into the cache on first use, and finds its grid.

    Args:
        name: the registered name.
        path: path of the npz archive, with an array `images`.
        grids: the known tuples of factor sizes; the number of images chooses among them.

    Returns:
        The images, in the archive's order, and the factor sizes.

    Raises:
        ValueError: the archive is damaged, or holds other images than those of MPI3D.
        OSError: the cache cannot be written.
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


_MIRRORS = (
    "https://huggingface.co/datasets/waleedgondal/mpi3d/resolve/main/",
    "https://storage.googleapis.com/disentanglement_dataset/Final_Dataset/",
    "https://storage.googleapis.com/mpi3d_disentanglement_dataset/data/",
)


def _published(name: str, *files: str, md5: str = "") -> dict[str, tuple[RemoteFile]]:
    """Describes the archive of a set; `files` has its name at each mirror, in their order."""
    urls = tuple(mirror + file for mirror, file in zip(_MIRRORS, files, strict=False))
    hash_ = f"md5:{md5}" if md5 else ""
    return {"files": (RemoteFile(path=f"{name}/{name}.npz", urls=urls, hash=hash_),)}


def _build(name: str, *other_files: str) -> MPI3D:
    path = find_original(name, f"{name}/{name}.npz", *(f"{name}/{file}" for file in other_files))
    return MPI3D(name, *open_original(name, path))


@registry.data_set(
    "mpi3d_toy",
    **_published("mpi3d_toy", *["mpi3d_toy.npz"] * 3, md5="55889cb7c7dfc655d6e0277beee88868"),
    standardisation=Standardisation(
        (0.22437325567325045, 0.22141877351640138, 0.22625457849943273),
        (0.0690013611690731, 0.06343387069571882, 0.07607519758722009),
    ),
)
def mpi3d_toy() -> MPI3D:
    """MPI3D, simple renderings of a robot arm with an object: seven factors, 1,036,800 images."""
    return _build("mpi3d_toy")


@registry.data_set(
    "mpi3d_realistic",
    **_published(
        "mpi3d_realistic", *["mpi3d_realistic.npz"] * 3, md5="59a6225b88b635365f70c91b3e52f70f"
    ),
    standardisation=Standardisation(
        (0.17986945797157425, 0.20474678611954758, 0.18148154235228137),
        (0.08746476487506775, 0.09330995331830938, 0.09242232801328121),
    ),
)
def mpi3d_realistic() -> MPI3D:
    """MPI3D, realistic renderings of a robot arm with an object: seven factors, 1,036,800 images."""
    return _build("mpi3d_realistic")


@registry.data_set(
    "mpi3d_real",
    # Corrected in 2025: a newer file may have another md5.
    **_published(
        "mpi3d_real",
        "mpi3d_real.npz",
        "mpi3d_real.npz",
        "real.npz",
        md5="0f33f609918fb5c97996692f91129802",
    ),
    standardisation=Standardisation(
        (0.12848577057593918, 0.1648033279246875, 0.13971583058948006),
        (0.09329210572942123, 0.09203401520672466, 0.10322983729706256),
    ),
)
def mpi3d_real() -> MPI3D:
    """MPI3D, photographs of a robot arm with an object: seven factors, 1,036,800 images."""
    return _build("mpi3d_real", "real.npz")


@registry.data_set(
    "mpi3d_real_complex",
    **_published("mpi3d_real_complex", *["real3d_complicated_shapes_ordered.npz"] * 2),
)
def mpi3d_real_complex() -> MPI3D:
    """MPI3D, photographs of a robot arm with everyday objects: seven factors, 460,800 images."""
    return _build("mpi3d_real_complex", "real3d_complicated_shapes_ordered.npz")
