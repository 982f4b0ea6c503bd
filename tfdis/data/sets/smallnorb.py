"""SmallNORB: toys seen from all around, from the original matrices."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import fingerprint, missing_error, originals_folder
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_table import codes_of, rows_of_grid
from tfdis.data.formats.norb_matrix import NorbMatrix
from tfdis.data.formats.resize import check_filter, resize_as_integers, resize_image
from tfdis.data.standardisation import Standardisation
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = ("category", "instance", "elevation", "azimuth", "lighting")
FACTOR_SIZES = (5, 10, 9, 18, 6)
CHUNKS = {
    "training": "smallnorb-5x46789x9x18x6x2x96x96-training",
    "testing": "smallnorb-5x01235x9x18x6x2x96x96-testing",
}
SUBSETS = {"both": ("training", "testing"), "training": ("training",)}
KINDS = ("dat", "cat", "info")
IMAGE_SIZE = 64
_BATCH_SIZE = 512


class SmallNORB(StoredData):
    """Toys, the first image of each stereo pair, 64 x 64 x 1.

    With all 48,600 images, the factors are category 5, elevation 9, azimuth 18 and lighting 6; the
    instance (10) is drawn anew for every image and is no ground truth, as in disentanglement_lib.
    With the 24,300 images of the training chunk, the instance (5) is a factor, as in the
    reconstruction paper.

    Args:
        images: the images, in the order of the grid.
        factor_sizes: numbers of values of category, instance, elevation, azimuth and lighting.
        has_instance_factor: whether the instance is a ground-truth factor.

    References:
        LeCun et al. (2004), "Learning Methods for Generic Object Recognition with Invariance to
        Pose and Lighting", CVPR.
    """

    categorical_factors = ("category", "instance")

    def __init__(
        self,
        images: ImageStore,
        factor_sizes: tuple[int, ...] = FACTOR_SIZES,
        has_instance_factor: bool = False,
    ):
        latent = None if has_instance_factor else (0, 2, 3, 4)
        super().__init__("smallnorb", images, FACTOR_NAMES, factor_sizes, latent)


def open_original(
    folder: Path,
    subset: str = "both",
    resize_filter: str = "lanczos",
    factor_sizes: tuple[int, ...] = FACTOR_SIZES,
) -> ImageStore:
    """Opens the images of the original matrices, resized into the cache on first use.

    Args:
        folder: path of a folder with `smallnorb-...-{dat,cat,info}.mat` of each chunk.
        subset: "both" chunks, or the "training" chunk alone.
        resize_filter: "lanczos", exactly as disentanglement_lib (values beyond [0, 1] are clipped),
            or "bilinear" on bytes, as the reconstruction paper.
        factor_sizes: numbers of values of all five factors.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged, or the factor table does not cover the grid.
        OSError: the cache cannot be written.
    """
    paths = [
        [Path(folder) / f"{CHUNKS[chunk]}-{kind}.mat" for kind in KINDS]
        for chunk in SUBSETS[subset]
    ]
    missing = [path for chunk in paths for path in chunk if not path.exists()]
    if missing:
        raise missing_error("smallnorb", [f"small_norb/{missing[0].name}"])
    matrices = [[NorbMatrix(path) for path in chunk] for chunk in paths]
    for dat, cat, info in matrices:
        num_images = dat.shape[0]
        if dat.dtype != np.uint8 or len(dat.shape) != 4 or dat.shape[1] != 2:
            raise archive_error(dat.path, "stereo pairs of bytes [num, 2, 96, 96]", f"{dat.shape}")
        if cat.shape != (num_images,) or info.shape != (num_images, 4):
            received = f"{cat.shape} and {info.shape}"
            raise archive_error(cat.path, f"{num_images} categories and rows of 4", received)
    key = fingerprint(path for chunk in paths for path in chunk)
    metadata = StoreMetadata(
        name="SmallNORB",
        num_images=int(np.prod(factor_sizes)),
        image_shape=(IMAGE_SIZE, IMAGE_SIZE, 1),
        encoding="bytes",
        provenance="original",
        source=f"{subset} chunks, resized ({resize_filter}), fingerprint {key}",
    )

    def images() -> Iterator[np.ndarray]:
        return _resized(matrices, factor_sizes, resize_filter)

    return convert_once(f"smallnorb-{subset}-{resize_filter}-{key}", metadata, images)


def _resized(matrices, factor_sizes, resize_filter) -> Iterator[np.ndarray]:
    """Images in the order of the grid, which is not that of the files."""
    rows = _rows(matrices, factor_sizes)
    starts = np.cumsum([0] + [dat.shape[0] for dat, _, _ in matrices])
    resize = resize_as_integers if resize_filter == "lanczos" else resize_image
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(open(dat.path, "rb")) for dat, _, _ in matrices]
        for start in range(0, len(rows), _BATCH_SIZE):
            batch = []
            for row in rows[start : start + _BATCH_SIZE]:
                chunk = int(np.searchsorted(starts, row, side="right")) - 1
                pair = matrices[chunk][0].block_at(int(row - starts[chunk]), files[chunk])
                batch.append(resize(pair[0], IMAGE_SIZE, resize_filter))
            yield np.stack(batch)[..., None]


def _rows(matrices, factor_sizes) -> np.ndarray:
    table = np.concatenate(
        [np.column_stack([cat.read(), info.read()]) for _, cat, info in matrices]
    ).astype(np.int64)
    table[:, 1], _ = codes_of(table[:, 1])  # The training chunk has instances 4, 6, 7, 8, 9.
    table[:, 3] //= 2  # Azimuths are 0, 2, ..., 34.
    return rows_of_grid(table, factor_sizes, f"tables beside {matrices[0][0].path}")


_URL = "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"
_DAT_BYTES = 24 + 24300 * 2 * 96 * 96
_CAT_BYTES = 20 + 24300 * 4
_INFO_BYTES = 20 + 24300 * 4 * 4


def _published(chunk: str, kind: str, md5: str, unpacked_bytes: int) -> RemoteFile:
    name = f"{CHUNKS[chunk]}-{kind}"
    return RemoteFile(
        path=f"small_norb/{name}.mat.gz",
        urls=(f"{_URL}{name}.mat.gz",),
        hash=f"md5:{md5}",
        unpacked=f"small_norb/{name}.mat",
        unpacked_bytes=unpacked_bytes,
    )


@registry.data_set(
    "smallnorb",
    files=(
        _published("training", "dat", "66054832f9accfe74a0f4c36a75bc0a2", _DAT_BYTES),
        _published("training", "cat", "23c8b86101fbf0904a000b43d3ed2fd9", _CAT_BYTES),
        _published("training", "info", "51dee1210a742582ff607dfd94e332e3", _INFO_BYTES),
        _published("testing", "dat", "e4ad715691ed5a3a5f138751a4ceb071", _DAT_BYTES),
        _published("testing", "cat", "5aa791cd7e6016cf957ce9bdb93b8603", _CAT_BYTES),
        _published("testing", "info", "a9454f3864d7fd4bb3ea7fc3eb84924e", _INFO_BYTES),
    ),
    # These are the constants of the training chunk, resized bilinearly (gin/data/smallnorb_training.gin).
    standardisation=Standardisation((0.7520918401088603,), (0.09563879016827262,), 24_300),
)
@gin.configurable("smallnorb", module="tfdis.data")
def smallnorb(subset: str = "both", resize_filter: str = "lanczos") -> SmallNORB:
    """SmallNORB: photographs of toys from all around, four factors, 48,600 images.

    Args:
        subset: "both" (disentanglement_lib) or "training" (the reconstruction paper).
        resize_filter: "lanczos" (disentanglement_lib) or "bilinear" (the reconstruction paper).
    """
    check_filter(resize_filter)
    if subset not in SUBSETS:
        raise ValueError(
            f"Expected smallnorb.subset to be one of {', '.join(SUBSETS)}. Received: {subset!r}."
        )
    is_training = subset == "training"
    sizes = (5, 5, *FACTOR_SIZES[2:]) if is_training else FACTOR_SIZES
    folder = originals_folder() / "small_norb"
    return SmallNORB(open_original(folder, subset, resize_filter, sizes), sizes, is_training)
