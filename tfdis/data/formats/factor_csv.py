"""A user's own csv file as columns, as spreadsheets, pandas and NumPy write it."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error
from tfdis.data.log_once import log_once

_SEPARATORS = ",;\t"
_FIX = "correct the table"


def read_csv(path: Path, text_columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Reads the columns of a csv file, by name.

    An empty cell, or one of those that pandas takes for missing such as NA, is NaN in a column of numbers
    and an empty text in others.

    Separators are commas, semicolons (then a number may have a decimal comma), tabs, or white space
    between numbers. A first line with numbers is no header: the columns are then called "factor 0",
    ... An unnamed first column with a different value in every row, pandas's index, is left out.

    Args:
        path: the file.
        text_columns: names of columns that are never read as numbers.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table.
    """
    import pandas

    if not path.is_file():
        raise FileNotFoundError(f"Expected a factor table at {path}. Received: no such file.")
    separator, cells = _first_line(path)
    has_header = _is_header(cells)
    try:
        table = pandas.read_csv(
            path,
            sep=separator,
            header=0 if has_header else None,
            skipinitialspace=True,
            dtype=dict.fromkeys(text_columns, str),
        )
    except ValueError as error:  # Errors of the parser and of the decoding are ValueErrors.
        expected = "a table with a header, separated by commas"
        raise archive_error(path, expected, str(error), _FIX) from error
    if table.empty or not isinstance(table.index, pandas.RangeIndex):
        received = "none" if table.empty else "rows longer than the header"
        raise archive_error(path, "a header and a value in every cell", received, _FIX)
    if not has_header:
        log_once(f"{path} has no header: its columns are factors 0 to {len(cells) - 1}.")
        table.columns = [f"factor {index}" for index in range(len(cells))]
    elif not cells[0] and len(cells) > 1 and table.iloc[:, 0].is_unique:
        log_once(f"{path}: the unnamed first column counts the rows; it is left out.")
        table = table.iloc[:, 1:]
    return {
        str(name): _numbers_or_words(table[name], separator == ";" and name not in text_columns)
        for name in table
    }


def _first_line(path: Path) -> tuple[str, list[str]]:
    """The file's separator, as pandas takes it, and the cells of the first line."""
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        line = next((line.strip("\r\n") for line in file if line.strip()), "")
    split = {
        separator: next(csv.reader([line], delimiter=separator), []) for separator in _SEPARATORS
    }
    separator = max(split, key=lambda each: len(split[each]))
    cells = [cell.strip() for cell in split[separator]]
    words = line.split()
    if len(cells) == 1 and len(words) > 1 and all(map(is_number, words)):
        return r"\s+", words
    return separator, cells


def _is_header(cells: list[str]) -> bool:
    """Whether these cells are names: none is a number, except what pandas calls unnamed columns."""
    names = [cell for cell in cells if cell]
    counts = [str(index) for index in range(len(names))]
    return not any(map(is_number, names)) or (len(cells) > 1 and names == counts)


def is_number(cell: str) -> bool:
    """Whether a cell is a number, perhaps with a decimal comma."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _numbers_or_words(column, has_decimal_commas: bool) -> np.ndarray:
    values = column.to_numpy()
    if values.dtype.kind in "biuf":
        return values
    words = column.fillna("").to_numpy().astype(str)
    given = [word for word in words if word]
    if has_decimal_commas and all(map(is_number, given)):
        return np.array([float(word.replace(",", ".") or "nan") for word in words])
    return words
