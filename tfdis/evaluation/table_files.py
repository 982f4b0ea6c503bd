"""Tables of codes or factors in files: .npy, .npz, .csv and .parquet."""

import csv
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from tfdis.data.formats.factor_csv import is_number
from tfdis.files.optional import missing

ENDINGS = (".npy", ".npz", ".csv", ".parquet")


def read_table(path: str | os.PathLike, key: str) -> np.ndarray | pd.DataFrame:
    """Reads one table; nothing in the file is executed.

    Args:
        path: path of the file. The first line of a `.csv` file is a header unless all of it are
            numbers, other than the column numbers 0, 1, ... that pandas writes; a first column
            without a name is the index.
        key: name of the array in a `.npz` file with several.

    Returns:
        An array, or a data frame for `.csv` and `.parquet`.

    Raises:
        FileNotFoundError: there is no such file.
        ImportError: pandas needs a package to read the file, and it is not installed.
        ValueError: the file has another ending or is no such table.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"Expected a file that ends in {', '.join(ENDINGS)}. Received: {path}.")
    if not path.is_file():
        raise FileNotFoundError(f"Expected the file {path}. Received: there is none.")
    try:
        if ending == ".csv":
            return _read_csv(path)
        if ending == ".parquet":
            return pd.read_parquet(path)
        with open(path, "rb") as file:
            loaded = np.load(file, allow_pickle=False)
            return loaded if ending == ".npy" else _array_of(loaded, path, key)
    except ImportError as error:
        raise missing("pyarrow", f"reads {path} for pandas") from error
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        if str(error).startswith("Expected"):
            raise
        raise ValueError(
            f"Expected a table of numbers in {path}. Received: {str(error).splitlines()[0]} Fix: write "
            "the file again, an array of numbers or plain columns."
        ) from error


def _array_of(archive, path, key) -> np.ndarray:
    names = archive.files
    if key in names or len(names) == 1:
        return archive[key if key in names else names[0]]
    raise ValueError(
        f"Expected an array {key!r} in {path}, or a single one. Received: {', '.join(names) or 'none'}."
    )


def _read_csv(path: Path) -> pd.DataFrame:
    with open(path, newline="", encoding="utf-8-sig") as file:
        first = next(csv.reader(file), [])
    has_index = bool(first) and not first[0].strip()
    are_numbers = bool(first) and all(map(is_number, first))
    are_positions = first == [str(column) for column in range(len(first))]
    header = None if are_numbers and not are_positions else 0
    return pd.read_csv(path, header=header, index_col=0 if has_index else None)
