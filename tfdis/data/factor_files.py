"""A user's own factor table: a csv file with a header, or an array in a npz, npy or HDF5 file."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.data.factor_table import codes_of
from tfdis.data.image_files import open_array
from tfdis.data.npz import archive_error

FILE_COLUMN = "file"


@dataclasses.dataclass(frozen=True)
class FactorTable:
    """Factors of images, one row an image.

    Attributes:
      names: one a factor.
      codes: int64 `[num_images, num_factors]`, the rank of each value among the factor's values.
      sizes: number of values of each factor.
      files: file names of the images, or None.
    """

    names: tuple[str, ...]
    codes: np.ndarray
    sizes: tuple[int, ...]
    files: tuple[str, ...] | None = None


def read_factor_table(
    path: str | os.PathLike, key: str = "factors", names: Sequence[str] | None = None
) -> FactorTable:
    """Reads a factor table.

    Args:
      path: `.csv` with a header: a column a factor, of numbers or words, and maybe a column "file"
        with the pictures' names; or a `.npz`, `.npy`, `.h5`, `.hdf5` file with numbers
        `[num_images, num_factors]`.
      key: the array's name in a `.npz` or HDF5 file.
      names: names of the factors; by default those of the csv's header, else "factor 0", ...

    Raises:
      FileNotFoundError: if there is no such file.
      ValueError: if it is no such table, or values are missing.
    """
    path = Path(path)
    files = None
    if path.suffix.lower() == ".csv":
        header, columns, files = _read_csv(path)
    else:
        columns = _read_columns(path, key)
        header = [f"factor {index}" for index in range(len(columns))]
    names = tuple(names or header)
    if len(names) != len(columns) or len(set(names)) != len(names) or not columns:
        raise archive_error(path, f"factors with the names {list(names)}", f"{header}")
    coded = [codes_of(column) for column in columns]
    return FactorTable(
        names=names,
        codes=np.stack([codes for codes, _ in coded], axis=1),
        sizes=tuple(size for _, size in coded),
        files=files,
    )


def _read_csv(path: Path) -> tuple[list[str], list[np.ndarray], tuple[str, ...] | None]:
    import pandas

    if not path.is_file():
        raise FileNotFoundError(f"Expected a factor table at {path}. Received: no such file.")
    try:
        table = pandas.read_csv(path, skipinitialspace=True, dtype={FILE_COLUMN: str})
    except ValueError as error:  # Parser errors and undecodable text are ValueErrors.
        raise archive_error(
            path, "a table with a header, separated by commas", str(error)
        ) from error
    if table.empty or table.isna().any(axis=None) or not isinstance(table.index, pandas.RangeIndex):
        received = "none" if table.empty else "missing values, or rows longer than the header"
        raise archive_error(path, "a header and a value in every cell", received)
    files = tuple(table.pop(FILE_COLUMN)) if FILE_COLUMN in table else None
    columns = [table[name].to_numpy() for name in table]
    columns = [c.astype(str) if c.dtype == object else c for c in columns]
    return [str(name) for name in table], columns, files


def _read_columns(path: Path, key: str) -> list[np.ndarray]:
    array = open_array(path, key)
    if len(array.shape) != 2 or array.dtype.kind not in "biuf" or min(array.shape) == 0:
        raise archive_error(
            path, "numbers [num_images, num_factors]", f"{array.dtype} of shape {array.shape}"
        )
    table = np.concatenate(list(array.batches(2**16)))
    if not np.all(np.isfinite(table)):
        raise archive_error(path, "finite numbers", "NaN or infinity")
    return list(table.T)
