"""3DIdent: a rendered teapot in front of a wall, with ten continuous factors."""

import math
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.npy import NpyArray
from tfdis.data.sets.picture_files import numbered_pictures, open_picture_files
from tfdis.data.store.rows_data import RowsData, bin_values

FACTOR_NAMES = (
    "object x",
    "object y",
    "object z",
    "object alpha",
    "object beta",
    "object gamma",
    "spotlight angle",
    "object hue",
    "spotlight hue",
    "background hue",
)
FOLDER = "3dident"
_HOW_TO_GET = (
    f"unpack the archive of 3DIdent (Zenodo 4502485) so that {FOLDER}/train/raw_latents.npy and "
    f"{FOLDER}/train/images/ are there"
)


class ThreeDIdent(RowsData):
    """3DIdent: factors are bins of ten values in [-1, 1]; `values` has the values themselves.

    References:
        Zimmermann et al. (2021), "Contrastive Learning Inverts the Data Generating Process", ICML.
        arXiv:2102.08850.
    """


def open_original(folder: Path, image_size: int = 64, num_bins: int = 10) -> ThreeDIdent:
    """Opens a subset, resized into the cache on first use.

    Args:
        folder: path of a folder with `raw_latents.npy`, `[num_images, 10]` in [-1, 1], and
            `images/<number>.png` with as many digits as the largest number needs.
        image_size: height and width in pixels, to which the published 224 are resized.
        num_bins: number of bins of each factor, of equal width.

    Raises:
        ValueError: a file is damaged or of another variant, or a picture is missing.
        OSError: the cache cannot be written.
    """
    latents = NpyArray(folder / "raw_latents.npy")
    if latents.shape[1:] != (len(FACTOR_NAMES),) or latents.dtype.kind != "f":
        received = f"{latents.dtype} of shape {latents.shape}"
        raise archive_error(latents.path, "float latents of ten columns", received)
    values = latents.read(0, latents.shape[0]).astype(np.float64)
    if not np.all(np.abs(values) <= 1 + 1e-6):
        raise archive_error(latents.path, "latents in [-1, 1]", "others, as of latents.npy")
    paths = numbered_pictures(folder, len(values), math.ceil(math.log10(len(values))))
    key = f"threedident-{folder.name}-{image_size}"
    store = open_picture_files(key, "3DIdent", paths, image_size, folder.name, [latents.path])
    labels = bin_values(values, num_bins)
    sizes = [num_bins] * len(FACTOR_NAMES)
    return ThreeDIdent("threedident", store, FACTOR_NAMES, labels, sizes, values)


@registry.data_set("threedident", place=FOLDER)
@gin.configurable("threedident", module="tfdis.data")
def threedident(subset: str = "train", image_size: int = 64, num_bins: int = 10) -> ThreeDIdent:
    """3DIdent: a rendered teapot with ten continuous factors, 250,000 images.

    Args:
        subset: "train" (250,000 images) or "test" (25,000).
        image_size: height and width in pixels, to which the published 224 are resized.
        num_bins: number of bins of each factor.

    Raises:
        FileNotFoundError: the original files are missing.
        ValueError: an unknown subset, or files that are damaged.
    """
    if subset not in ("train", "test"):
        raise ValueError(
            f"Expected threedident.subset to be 'train' or 'test'. Received: {subset!r}."
        )
    latents = find_original("threedident", f"{FOLDER}/{subset}/raw_latents.npy", fix=_HOW_TO_GET)
    return open_original(latents.parent, image_size, num_bins)
