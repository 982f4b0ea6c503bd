"""A user's own factor table: a csv file, a list of attributes, or an array in a npz, npy or HDF5 file."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.data.formats.attribute_list import read_attributes
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_csv import read_csv
from tfdis.data.formats.factor_table import codes_of
from tfdis.data.formats.image_files import open_array

# Names of the column that names each row's picture.
FILE_COLUMNS = ("file", "filename", "image_id")


@dataclasses.dataclass(frozen=True)
class FactorTable:
    """Factors of images, one row for each image.

    Attributes:
        names: one name for each factor.
        columns: the values of each factor, `[num_images]`, numbers or words.
        is_complete: whether each row has a value of every factor, bool `[num_images]`.
        files: file names of the images; None if the table has none.
    """

    names: tuple[str, ...]
    columns: tuple[np.ndarray, ...]
    is_complete: np.ndarray
    files: tuple[str, ...] | None = None

    def coded(self) -> tuple[np.ndarray, list[int]]:
        """The complete rows with ranks for values, int64 `[num_complete, num_factors]`, and their numbers."""
        ranks, sizes = zip(*(codes_of(x[self.is_complete]) for x in self.columns), strict=True)
        return np.stack(ranks, axis=1), list(sizes)


def read_factor_table(
    path: str | os.PathLike, key: str = "factors", names: Sequence[str] | None = None
) -> FactorTable:
    """Reads a factor table.

    Args:
        path: path of a `.csv` file, best with a header: one column for each factor, of numbers or
            words, and possibly a column "file" (or "filename", "image_id") with the pictures' names
            (see `read_csv`); of a `.txt` file, a list of attributes as CelebA's; or of a `.npz`, `.npy`,
            `.h5` or `.hdf5` file with numbers `[num_images, num_factors]`.
        key: name of the array in a `.npz` or HDF5 file.
        names: names of the factors; by default those of the csv's header, else "factor 0", ...

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table, or every row lacks a value.
    """
    path = Path(path)
    if not path.is_file():
        received = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"Expected a factor table at {path}. Received: {received}.")
    by_name, files = _read_by_name(path, key)
    header, columns = list(by_name), tuple(by_name.values())
    names = tuple(names or header)
    if len(names) != len(columns) or len(set(names)) != len(names) or not columns:
        expected = f"factors with the names {list(names)}"
        raise archive_error(path, expected, f"{header}", "correct factor_names or the table")
    is_complete = np.all([_is_given(column) for column in columns], axis=0)
    if not is_complete.any():
        raise archive_error(
            path, "a row with a value in every cell", "none", "leave out columns that are empty"
        )
    if files is not None and not all(files):
        raise archive_error(path, "the name of a picture in every row", "rows without one")
    return FactorTable(names, columns, is_complete, None if files is None else tuple(files))


def _read_by_name(path: Path, key: str) -> tuple[dict[str, np.ndarray], Sequence[str] | None]:
    """The columns of a file by name, and the names of the pictures if it has them."""
    if path.suffix.lower() == ".csv":
        by_name = read_csv(path, FILE_COLUMNS)
        found = next((name for name in FILE_COLUMNS if name in by_name), None)
        return by_name, None if found is None else by_name.pop(found)
    if path.suffix.lower() == ".txt":
        files, names, values = read_attributes(path)
        return dict(zip(names, values.T, strict=True)), files
    return {f"factor {i}": column for i, column in enumerate(_read_columns(path, key))}, None


def _is_given(column: np.ndarray) -> np.ndarray:
    return column != "" if column.dtype.kind in "OUS" else ~np.isnan(column)


def _read_columns(path: Path, key: str) -> list[np.ndarray]:
    array = open_array(path, key)
    if len(array.shape) != 2 or array.dtype.kind not in "biuf" or min(array.shape) == 0:
        raise archive_error(
            path,
            "numbers [num_images, num_factors]",
            f"{array.dtype} of shape {array.shape}",
            "write them as such",
        )
    table = np.concatenate(list(array.batches(2**16)))
    if np.isinf(table).any():
        raise archive_error(path, "finite numbers", "infinity", "correct the table")
    return list(table.T)
