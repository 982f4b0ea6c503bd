"""A user's own factor table: a csv file, or an array in a npz, npy or HDF5 file."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.factor_csv import read_csv
from tfdis.data.formats.factor_table import codes_of
from tfdis.data.formats.image_files import open_array

FILE_COLUMN = "file"


@dataclasses.dataclass(frozen=True)
class FactorTable:
    """Factors of images, one row for each image.

    Attributes:
        names: one name for each factor.
        codes: int64 `[num_images, num_factors]`, the rank of each value among the factor's values.
        sizes: number of values of each factor.
        files: file names of the images; None if the table has none.
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
        path: path of a `.csv` file, best with a header: one column for each factor, of numbers or
            words, and possibly a column "file" with the pictures' names (see `read_csv`); or of a
            `.npz`, `.npy`, `.h5` or `.hdf5` file with numbers `[num_images, num_factors]`.
        key: name of the array in a `.npz` or HDF5 file.
        names: names of the factors; by default those of the csv's header, else "factor 0", ...

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table, or values are missing.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        by_name = read_csv(path, FILE_COLUMN)
    else:
        by_name = {f"factor {i}": column for i, column in enumerate(_read_columns(path, key))}
    files = by_name.pop(FILE_COLUMN, None)
    header, columns = list(by_name), list(by_name.values())
    names = tuple(names or header)
    if len(names) != len(columns) or len(set(names)) != len(names) or not columns:
        expected = f"factors with the names {list(names)}"
        raise archive_error(path, expected, f"{header}", "correct factor_names or the table")
    coded = [codes_of(column) for column in columns]
    return FactorTable(
        names=names,
        codes=np.stack([codes for codes, _ in coded], axis=1),
        sizes=tuple(size for _, size in coded),
        files=None if files is None else tuple(files),
    )


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
    if not np.all(np.isfinite(table)):
        raise archive_error(path, "finite numbers", "NaN or infinity", "correct the table")
    return list(table.T)
