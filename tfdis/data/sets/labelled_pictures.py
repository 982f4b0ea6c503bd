"""from_tfds and from_huggingface: pictures with columns of labels, as two libraries keep them on disk."""

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import gin
import numpy as np
from PIL import Image

from tfdis import registry
from tfdis.data.download.originals import fingerprint
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_table import codes_of, rows_of_grid
from tfdis.data.formats.parquet_pictures import ParquetPictures
from tfdis.data.formats.tfds_records import TfdsRecords
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.image_scale import as_bytes, full_scale
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.rows_data import RowsData
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData

# Orders of the published grids. Both libraries list columns alphabetically, which is no order of a grid.
KNOWN_ORDERS = (
    ("shape", "scale", "orientation", "x_position", "y_position"),
    ("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation"),
    ("category", "instance", "elevation", "azimuth", "lighting"),
)
_CATEGORICAL = ("shape", "category", "instance")
_BATCH = 512


def open_pictures(
    name: str, source: TfdsRecords | ParquetPictures, factors: Sequence[str] | None
) -> GroundTruthData:
    """A data set of pictures with columns of labels.

    Args:
        name: the registered name.
        source: the opened files.
        factors: names of the label columns in the wanted order; None for the order of a known set
            (dSprites, 3D Shapes, SmallNORB), or else that of the files.

    Returns:
        A `StoredData` if every combination of labels has exactly one picture, else `RowsData`.

    Raises:
        ValueError: damaged files, pictures of several sizes, or a column that is missing.
    """
    columns = source.labels()
    names = _order(source.path, list(columns), factors)
    coded = [codes_of(columns[column]) for column in names]
    codes = np.stack([codes for codes, _ in coded], axis=1)
    sizes = [size for _, size in coded]
    images = _convert(name, source, len(codes))
    categorical = tuple(column for column in names if column in _CATEGORICAL)
    if len(codes) != np.prod(sizes, dtype=np.float64):
        return RowsData(name, images, names, codes, sizes, categorical_factors=categorical)
    rows = rows_of_grid(codes, sizes, f"labels of {source.path}")
    data = StoredData(name, images, names, sizes, rows=rows)
    data.categorical_factors = categorical
    return data


def _order(path, columns, factors):
    known = next((order for order in KNOWN_ORDERS if set(order) == set(columns)), columns)
    names = list(known if factors is None else factors)
    if not names or not set(names) <= set(columns) or len(set(names)) < len(names):
        raise archive_error(
            path,
            f"label columns {names or '(at least one)'}",
            f"{columns}",
            "name others as factors",
        )
    return names


def _convert(name, source, num_images) -> ImageStore:
    first = _decoded(source, next(iter(source.pictures())))
    key = fingerprint(source.files)
    metadata = StoreMetadata(
        name=name,
        num_images=num_images,
        image_shape=first.shape,
        encoding="bytes",
        provenance="original",
        source=f"{source.path.name}, fingerprint {key}",
    )

    def batches() -> Iterator[np.ndarray]:
        batch = []
        for data in source.pictures():
            batch.append(_decoded(source, data))
            if batch[-1].shape != first.shape:
                shapes = f"{first.shape} and {batch[-1].shape}"
                raise archive_error(source.path, "pictures of one shape", shapes)
            if len(batch) == _BATCH:
                yield np.stack(batch)
                batch = []
        if batch:
            yield np.stack(batch)

    def images() -> Iterator[np.ndarray]:
        white = full_scale(np.dtype(np.uint8), batches())  # Masks have the values 0 and 1.
        for batch in batches():
            yield as_bytes(batch, white, str(source.path))

    return convert_once(f"{name.replace('_', '-')}-{key}", metadata, images)


def _decoded(source, data: bytes) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            image = np.asarray(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise archive_error(source.path, "pictures", f"{type(error).__name__}: {error}") from error
    return image if image.ndim == 3 else image[..., None]


def _opened(name, open_source, path, split, image_key, factors) -> GroundTruthData:
    if not path:
        raise ValueError(
            f"Expected {name}.path, a folder of files. Received: {path!r}. Fix: set it in the gin file (the "
            "example of from_files)."
        )
    source = open_source(Path(os.path.expanduser(path)), split=split, image_key=image_key)
    return open_pictures(name, source, factors)


@registry.data_set("from_tfds", source="your own")
@gin.configurable("from_tfds", module="tfdis.data")
def from_tfds(
    path: str | None = None,
    split: str = "train",
    image_key: str = "image",
    factors: Sequence[str] | None = None,
) -> GroundTruthData:
    """A data set that tensorflow-datasets prepared; in gin, `from_tfds.path` and the others.

    The records are read themselves: tensorflow-datasets is not needed, and none of its code is run.
    For dsprites, shapes3d and smallnorb the factors have the order of the published grids.

    Args:
        path: path of the folder of one version, with `*-<split>.tfrecord-*`, for example
            `~/tensorflow_datasets/shapes3d/2.0.0`.
        split: name of the split.
        image_key: name of the feature that is the picture.
        factors: names of the labels (without `label_`) that are factors, in order; None for all.

    Raises:
        FileNotFoundError: there are no such records.
        ValueError: no path, damaged records, or labels that are missing.
        OSError: the cache cannot be written.
    """
    return _opened("from_tfds", TfdsRecords, path, split, image_key, factors)


@registry.data_set("from_huggingface", source="your own")
@gin.configurable("from_huggingface", module="tfdis.data")
def from_huggingface(
    path: str | None = None,
    split: str = "train",
    image_key: str = "image",
    factors: Sequence[str] | None = None,
) -> GroundTruthData:
    """A data set of Hugging Face in parquet files; in gin, `from_huggingface.path` and the others.

    Files alone are read: no loading script is run.

    Args:
        path: path of a folder with `<split>-*.parquet`, for example `shapes3d/data`; each has a
            column of pictures and integer columns of labels.
        split: name of the split.
        image_key: name of the column of pictures.
        factors: names of the columns (without `label_`) that are factors, in order; None for all.

    Raises:
        FileNotFoundError: there are no such files.
        ImportError: pyarrow is not installed (`pip install pyarrow`).
        ValueError: no path, damaged files, or columns that are missing.
        OSError: the cache cannot be written.
    """
    return _opened("from_huggingface", ParquetPictures, path, split, image_key, factors)
