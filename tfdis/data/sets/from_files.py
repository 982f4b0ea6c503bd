"""from_files: a user's own images and factor table as a data set."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from absl import logging

from tfdis import registry
from tfdis.configuration import configurable
from tfdis.data.download.originals import fingerprint
from tfdis.data.formats.factor_files import FILE_COLUMNS, FactorTable, read_factor_table
from tfdis.data.formats.factor_table import codes_of, rows_of_grid
from tfdis.data.formats.image_files import PictureFolder, PlainImages, open_images, picture_names
from tfdis.data.image_scale import as_bytes, full_scale
from tfdis.data.log_once import log_once
from tfdis.data.store.conversion import convert_once, images_a_batch
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.rows_data import RowsData, bin_values
from tfdis.data.store.store_format import StoreMetadata
from tfdis.data.store.stored_data import StoredData


class FromFiles(StoredData):
    """A user's images: each combination of factor values has one, or no factor is known at all."""


class RowsFromFiles(RowsData):
    """A user's images whose factors form no grid: combinations lack images, or have several."""


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


@registry.data_set("from_files", source="your own")
@configurable("from_files", module="tfdis.data")
def from_files(
    images: str | None = None,
    factors: str | None = None,
    images_key: str = "images",
    factors_key: str = "factors",
    factor_names: Sequence[str] | None = None,
    hidden_factors: Sequence[str] = (),
    continuous_factors: Sequence[str] = (),
    num_bins: int = 10,
) -> FromFiles | RowsFromFiles:
    """A user's own images, and a table of their factors; in gin, `from_files.images` and the others.

    Args:
        images: path of a folder of pictures of one size, or of a `.npz`, `.npy`, `.h5` or `.hdf5`
            file with images of shape [num, height, width] or [num, height, width, channels]:
            integers 0..255, floats in [0, 1] (rounded to 255ths), or masks. Masks have the values 0
            and 1 alone, in any type and in pictures too, which become black and white.
        factors: path of a table with one row for each image, in the images' order (pictures: sorted
            by name): a `.csv` file, best with a header (see `read_csv`), a list of attributes as CelebA's
            (`.txt`), or a `.npz`, `.npy`, `.h5` or `.hdf5` file with numbers `[num, num_factors]`. The
            values of a factor are numbered in ascending order. A csv column "file" names each row's
            picture. If not every combination of values has exactly one image, metrics that draw every
            combination have no value. Images whose row lacks a value are left out. None if no factor is
            known: models that need no labels train on the images, and metrics that compare codes with
            factors are left out.
        images_key: name of the images' array in a `.npz` or HDF5 file.
        factors_key: name of the table's array in a `.npz` or HDF5 file.
        factor_names: names of the factors, if not those of the csv's header.
        hidden_factors: names of factors that are no ground truth but are drawn anew for every
            image.
        continuous_factors: names of factors whose values are put into bins, besides those of numbers,
            not all whole, of which more than half occur once.
        num_bins: number of bins of such a factor, of equal width.

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
    latent = _latent_factors(table, hidden_factors)
    source = open_images(images, images_key, table.files)
    _check_number_of_rows(table, factors, source.shape[0], images)
    if table.files and isinstance(source, PictureFolder):
        _log_pictures(table.files, factors, source.path)
    codes, sizes = table.coded()
    if _is_grid(codes, sizes, len(table.is_complete)) and not continuous_factors:
        rows = rows_of_grid(codes, sizes, f"factor table {factors}")
        return FromFiles("from_files", open_store(source), table.names, sizes, latent, rows)
    described = _described(table, latent, factors, continuous_factors, num_bins)
    data = RowsFromFiles("from_files", open_store(source), **described)
    total = math.prod(data.factors_num_values)
    log_once(
        f"{factors}: {total - data.num_missing:,} of {total:,} combinations of factor values have images. "
        "Metrics that draw every combination have no value for a data set that lacks some."
    )
    return data


def _latent_factors(table: FactorTable, hidden_factors: Sequence[str]) -> list[int]:
    """Positions of the factors that are ground truth."""
    unknown = sorted(set(hidden_factors) - set(table.names))
    latent = [index for index, name in enumerate(table.names) if name not in hidden_factors]
    if unknown or not latent:
        raise ValueError(
            f"Expected hidden_factors among {list(table.names)}, not all of them. "
            f"Received: {list(hidden_factors)}."
        )
    return latent


def _check_number_of_rows(table: FactorTable, path: str, num_images: int, images: str) -> None:
    """Refuses a table that has not one row for each image."""
    num_rows = len(table.is_complete)
    if num_rows != num_images:
        lost = num_images - num_rows == 1 and str(path).lower().endswith(".csv")
        fix = f" Fix: give it a header; {list(table.names)} was taken for one." if lost else ""
        raise ValueError(
            f"Expected a row in {path} for each of the {num_images} images of {images}. "
            f"Received: {num_rows} rows.{fix}"
        )


def _is_grid(codes: np.ndarray, sizes: Sequence[int], num_rows: int) -> bool:
    """Whether every row is complete and every combination of values has exactly one."""
    if not len(codes) == num_rows == math.prod(sizes):
        return False
    return len(np.unique(np.ravel_multi_index(tuple(codes.T), sizes))) == num_rows


def _without_factors(source, factor_names, hidden_factors):
    """Images alone: which one is drawn is a hidden factor, and no other is known."""
    if factor_names or hidden_factors:
        raise ValueError(
            "Expected from_files.factors for names of factors. Received: no table, "
            f"factor_names={factor_names!r}, hidden_factors={hidden_factors!r}."
        )
    return FromFiles("from_files", open_store(source), ["image"], [source.shape[0]], [])


def _described(
    table: FactorTable, latent: list[int], path: str, continuous: Sequence[str], num_bins: int
) -> dict:
    """Arguments of `RowsFromFiles` for a table that is no grid; what is done with it is logged."""
    rows = np.flatnonzero(table.is_complete)
    names = [table.names[index] for index in latent]
    columns = [table.columns[index][rows] for index in latent]
    if unknown := sorted(set(continuous) - set(names)):
        raise ValueError(f"Expected continuous_factors among {names}. Received: {unknown}.")
    binned, labels, values, sizes = [], [], [], []
    for name, column in zip(names, columns, strict=True):
        codes, size = codes_of(column)
        is_number = column.dtype.kind in "biuf"
        if size < 2:
            raise ValueError(
                f"Expected two or more values of every factor in the factor table {path}. Received: one of "
                f"{name}, in {len(rows)} complete rows. Fix: leave that column out."
            )
        if name in continuous or (is_number and _is_measured(column, size)):
            if not is_number:
                raise ValueError(
                    f"Expected numbers for the continuous factor {name}. Received: words."
                )
            binned.append(name)
            values.append(column.astype(np.float64))
            labels.append(bin_values(values[-1], num_bins))
            sizes.append(num_bins)
            continue
        if size == len(rows):
            raise ValueError(
                f"Expected factors in the factor table {path} whose values occur more than once. Received: "
                f"{name}, which has another value in every row, as row numbers and names of files do. Fix: "
                f'leave it out, call names of pictures "{FILE_COLUMNS[0]}", or, for numbers, name it in '
                "from_files.continuous_factors."
            )
        labels.append(codes)
        values.append(column.astype(np.float64) if is_number else codes.astype(np.float64))
        sizes.append(size)
    _log_rows(path, table.is_complete, binned, num_bins)
    return {
        "factor_names": names,
        "labels": np.stack(labels, axis=1),
        "factor_sizes": sizes,
        "values": np.stack(values, axis=1),
        "rows": rows,
    }


def _is_measured(column: np.ndarray, size: int) -> bool:
    """Whether numbers are those of a continuous factor: not all whole, most of them occurring once."""
    return column.dtype.kind == "f" and size > len(column) / 2 and bool(np.any(column % 1))


def _log_pictures(named: Sequence[str], path: str, folder: Path) -> None:
    """Tells which pictures a table leaves out or names again, since either may be a slip of the pen."""
    there = picture_names(folder)
    unnamed = sorted({*there} - {*named})
    again = [name for name, count in Counter(named).items() if count > 1]
    parts = []
    if unnamed:
        parts.append(
            f"pictures of {folder} that no row names, which are left out: {len(unnamed)} of {len(there)}, "
            f"the first one is {unnamed[0]}"
        )
    if again:
        parts.append(
            f"rows that name the picture of another row: {len(named) - len({*named})}, the first one "
            f"names {again[0]}"
        )
    if parts:
        log_once(f"{path}: {'; '.join(parts)}.")


def _log_rows(path, is_complete, binned, num_bins) -> None:
    missing = np.flatnonzero(~is_complete)
    if len(missing):
        log_once(
            f"{path}: {len(missing)} of {len(is_complete)} rows lack a value, the first one is row "
            f"{missing[0]}; their images are left out."
        )
    if binned:
        log_once(f"{path}: {', '.join(binned)}: {num_bins} bins of equal width.")
