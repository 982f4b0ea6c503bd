"""from_files: a user's own images and factor table as a data set."""

from collections.abc import Iterator, Sequence

import gin
import numpy as np
from absl import logging

from tfdis import registry
from tfdis.data.download.originals import fingerprint
from tfdis.data.formats.factor_files import FILE_COLUMN, read_factor_table
from tfdis.data.formats.factor_table import rows_of_grid
from tfdis.data.formats.image_files import PictureFolder, PlainImages, open_images
from tfdis.data.image_scale import as_bytes, full_scale
from tfdis.data.store.conversion import convert_once, images_a_batch
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData


class FromFiles(StoredData):
    """A user's images: each combination of factor values has one, or no factor is known at all."""


def open_store(source: PictureFolder | PlainImages) -> ImageStore:
    """Opens the images in their own order; they are copied into the cache on first use."""
    key = fingerprint(source.files)
    metadata = StoreMetadata(
        name=source.path.name,
        num_images=source.shape[0],
        image_shape=tuple(source.shape[1:]),
        encoding="bytes",
        provenance="original",
        source=f"{source.path.name}, fingerprint {key}",
    )

    def images() -> Iterator[np.ndarray]:
        num = images_a_batch(metadata.image_shape)
        white = full_scale(source.dtype, source.batches(num))
        if white == 1:
            logging.info("%s: its values are in [0, 1]; 1 is taken for white.", source.path)
        start = 0
        for batch in source.batches(num):
            stop = start + len(batch)
            yield as_bytes(batch, white, f"images {start} to {stop - 1} of {source.path}")
            start = stop

    # The key is not "from-files" since stores of version 0.1.0 have masks of 0 and 1 as they were, black.
    return convert_once(f"own-images-{key}", metadata, images)


@registry.data_set("from_files")
@gin.configurable("from_files", module="tfdis.data")
def from_files(
    images: str | None = None,
    factors: str | None = None,
    images_key: str = "images",
    factors_key: str = "factors",
    factor_names: Sequence[str] | None = None,
    hidden_factors: Sequence[str] = (),
) -> FromFiles:
    """Builds a data set from a user's own files; in gin, `from_files.images` and the other arguments.

    Args:
        images: path of a folder of pictures of one size, or of a `.npz`, `.npy`, `.h5` or `.hdf5`
            file with images of shape [num, height, width] or [num, height, width, channels]:
            integers 0..255, floats in [0, 1] (rounded to 255ths), or masks. Masks have the values 0
            and 1 alone, in any type and in pictures too, which become black and white.
        factors: path of a table with one row for each image, in the images' order (pictures: sorted
            by name): a `.csv` file, best with a header (see `read_csv`), or a `.npz`, `.npy`, `.h5`
            or `.hdf5` file with numbers [num, num_factors]. The values of a factor are numbered in
            ascending order; every combination must have exactly one image. A csv column "file"
            names each row's picture. None if no factor is known: models that need no labels train on
            the images, and metrics that compare codes with factors are left out.
        images_key: name of the images' array in a `.npz` or HDF5 file.
        factors_key: name of the table's array in a `.npz` or HDF5 file.
        factor_names: names of the factors, if not those of the csv's header.
        hidden_factors: names of factors that are no ground truth but are drawn anew for every
            image.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged or of another kind, or images and table do not match.
        OSError: the cache cannot be written.
    """
    if not images:
        raise ValueError(
            "Expected from_files.images, a folder or file, and, if factors are known, "
            "from_files.factors, a table with a row for each image. Received: "
            f"images={images!r}, factors={factors!r}. Fix: set them in the gin file."
        )
    if not factors:
        return _without_factors(open_images(images, images_key), factor_names, hidden_factors)
    table = read_factor_table(factors, factors_key, factor_names)
    unknown = sorted(set(hidden_factors) - set(table.names))
    latent = [index for index, name in enumerate(table.names) if name not in hidden_factors]
    if unknown or not latent:
        raise ValueError(
            f"Expected hidden_factors among {list(table.names)}, not all of them. "
            f"Received: {list(hidden_factors)}."
        )
    source = open_images(images, images_key, table.files)
    num_rows = len(table.codes)
    if source.shape[0] != num_rows:
        lost = source.shape[0] - num_rows == 1 and str(factors).lower().endswith(".csv")
        fix = f" Fix: give it a header; {list(table.names)} was taken for one." if lost else ""
        raise ValueError(
            f"Expected a row in {factors} for each of the {source.shape[0]} images of {images}. "
            f"Received: {num_rows} rows.{fix}"
        )
    rows = _rows_of_grid(table, factors)
    return FromFiles("from_files", open_store(source), table.names, table.sizes, latent, rows)


def _without_factors(source, factor_names, hidden_factors):
    """Images alone: which one is drawn is a hidden factor, and no other is known."""
    if factor_names or hidden_factors:
        raise ValueError(
            "Expected from_files.factors for names of factors. Received: no table, "
            f"factor_names={factor_names!r}, hidden_factors={hidden_factors!r}."
        )
    return FromFiles("from_files", open_store(source), ["image"], [source.shape[0]], [])


def _rows_of_grid(table, path):
    """`rows_of_grid`, with an error that names columns that cannot be factors."""
    try:
        return rows_of_grid(table.codes, table.sizes, f"factor table {path}")
    except ValueError as error:
        sizes = zip(table.names, table.sizes, strict=True)
        counting = [name for name, size in sizes if size == len(table.codes)]
        if not counting:
            raise
        raise ValueError(
            f"{error} Fix: leave out {counting}, which has another value in every row, as row numbers "
            f'and names of files do; call names of pictures "{FILE_COLUMN}".'
        ) from error
