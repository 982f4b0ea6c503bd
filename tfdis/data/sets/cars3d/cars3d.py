"""Cars3D: 183 cars seen from 24 azimuths and 4 elevations."""

from collections.abc import Iterator
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original, fingerprint
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.resize import check_filter, resize_image
from tfdis.data.sets.cars3d import original as original
from tfdis.data.standardisation import Standardisation
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = ("elevation", "azimuth", "object type")
FACTOR_SIZES = (4, 24, 183)
ORIGINAL_SIZE = 128
IMAGE_SIZE = 64


class Cars3D(StoredData):
    """Rendered cars, 64 x 64 x 3: elevation 4, azimuth 24, object type 183.

    Object types are numbered in the order of the original `list.txt` (disentanglement_lib takes the
    order in which the file system lists the files).

    Args:
        images: the 17,568 images, in the order of the grid.
        factor_sizes: numbers of values of the three factors.

    References:
        Reed et al. (2015), "Deep Visual Analogy-Making", NeurIPS.
    """

    categorical_factors = ("object type",)

    def __init__(self, images: ImageStore, factor_sizes: tuple[int, ...] = FACTOR_SIZES):
        super().__init__("cars3d", images, FACTOR_NAMES, factor_sizes)


def open_original(
    path: Path, resize_filter: str = "lanczos", factor_sizes: tuple[int, ...] = FACTOR_SIZES
) -> ImageStore:
    """Opens the images of the original files, resized into the cache on first use.

    Args:
        path: path of the folder with the cars' files, or of the published `.tar.gz`.
        resize_filter: "lanczos" (disentanglement_lib) or "bilinear" (the reconstruction paper).
        factor_sizes: numbers of values of the three factors.

    Raises:
        ValueError: a file is damaged, missing or of another shape.
        OSError: the cache cannot be written.
    """
    path = Path(path)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    key = fingerprint(file for file in files if file.is_file())
    metadata = StoreMetadata(
        name="Cars3D",
        num_images=int(np.prod(factor_sizes)),
        image_shape=(IMAGE_SIZE, IMAGE_SIZE, 3),
        encoding="bytes",
        provenance="original",
        source=f"{path.name}, resized ({resize_filter}), fingerprint {key}",
    )

    def images() -> Iterator[np.ndarray]:
        return _images(path, resize_filter, factor_sizes)

    return convert_once(f"cars3d-{resize_filter}-{key}", metadata, images)


def _images(path: Path, resize_filter: str, factor_sizes: tuple[int, ...]) -> Iterator[np.ndarray]:
    num_elevations, num_azimuths, num_cars = factor_sizes
    shape = (ORIGINAL_SIZE, ORIGINAL_SIZE, 3, num_azimuths, num_elevations)
    listing, cars = None, {}
    for name, content in original.files_of(path):
        if name == original.LIST_NAME:
            listing = content
            continue
        if len(cars) == num_cars:
            raise archive_error(path, f"the files of {num_cars} cars", "more")
        mesh = original.read_mesh(path, name, content, shape)
        cars[name] = _resized(mesh, resize_filter)
    if len(cars) != num_cars:
        raise archive_error(path, f"the files of {num_cars} cars", f"{len(cars)}")
    names = original.ordered_names(path, set(cars), listing)
    for elevation in range(num_elevations):  # All resized cars take 216 MB: they are kept.
        for azimuth in range(num_azimuths):
            yield np.stack([cars[name][elevation, azimuth] for name in names])


def _resized(mesh: np.ndarray, resize_filter: str) -> np.ndarray:
    """Images of one car, uint8 `[elevation, azimuth, 64, 64, 3]`."""
    views = np.ascontiguousarray(mesh.transpose(4, 3, 0, 1, 2))
    num_elevations, num_azimuths = views.shape[:2]
    resized = np.empty((num_elevations, num_azimuths, IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
    for place in np.ndindex(num_elevations, num_azimuths):
        resized[place] = resize_image(views[place], IMAGE_SIZE, resize_filter)
    return resized


_ARCHIVE = RemoteFile(
    path="nips2015-analogy-data.tar.gz",
    urls=("http://www.scottreed.info/files/nips2015-analogy-data.tar.gz",),
    hash="md5:4e866a7919c1beedf53964e6f7a23686",
    unpacked="cars",
    unpacked_bytes=2**31,
    members=original.files_of,
)
_STANDARDISATION = Standardisation(
    (0.8976676149976628, 0.8891658020067508, 0.885147515814868),
    (0.22503195531503034, 0.2399461278981261, 0.24792106319684404),
)


@registry.data_set("cars3d", files=(_ARCHIVE,), standardisation=_STANDARDISATION)
@gin.configurable("cars3d", module="tfdis.data")
def cars3d(resize_filter: str = "lanczos") -> Cars3D:
    """Cars3D: 183 cars seen from 24 azimuths and 4 elevations, 17,568 images.

    Args:
        resize_filter: "lanczos" (disentanglement_lib) or "bilinear" (the reconstruction paper).
    """
    check_filter(resize_filter)
    path = find_original("cars3d", "cars", "nips2015-analogy-data.tar.gz")
    return Cars3D(open_original(path, resize_filter))
