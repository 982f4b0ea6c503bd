"""Scalars by step, in a CSV file and in TensorBoard; a resumed run overwrites what it repeats."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from tfdis.files.whole import written_whole

_MISSING = "nan"


class ScalarFile:
    """Rows of scalars: `<run>/<name>.csv`, and the tags `<tag>/<scalar>` in `<run>/tensorboard`.

    Args:
        run_dir: path of the run's folder.
        name: name of the CSV file, without its ending.
        tag: text that the tags start with.
        start: step at which this process starts; later rows of an interrupted process are dropped.
    """

    def __init__(self, run_dir: str | os.PathLike, name: str, tag: str, start: int):
        self._path = Path(run_dir) / f"{name}.csv"
        self._tag = tag
        self._writer = tf.summary.create_file_writer(str(Path(run_dir) / "tensorboard"))
        _drop_rows_after(self._path, start)
        self._header = next(iter(_read(self._path)), None)

    def write(self, step: int, scalars: Mapping[str, float]) -> None:
        """Adds a row; a scalar that an older row or this one lacks is written as nan."""
        row = {"step": step} | {name: repr(value) for name, value in scalars.items()}
        if self._header is None or not row.keys() <= set(self._header):
            self._header = _add_columns(self._path, row)
        with open(self._path, "a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([row.get(name, _MISSING) for name in self._header])
        with self._writer.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(f"{self._tag}/{name}", value)
        self._writer.flush()

    @property
    def last_step(self) -> int | None:
        """Step of the last row; None if there are no rows."""
        _, *rows = _read(self._path) or [[]]
        return int(rows[-1][0]) if rows else None

    def row(self, step: int) -> dict[str, float] | None:
        """The scalars of a step; None if there are none."""
        header, *rows = _read(self._path) or [[]]
        for row in rows:
            if int(row[0]) == step:
                return dict(zip(header[1:], map(float, row[1:]), strict=True))
        return None


def _drop_rows_after(path, step):
    if path.exists():
        header, *rows = _read(path) or [["step"]]
        _write(path, [header, *(row for row in rows if int(row[0]) <= step)])


def _add_columns(path, names):
    """Gives the file the columns that it lacks; returns its header."""
    header, *rows = _read(path) or [["step"]]
    new = [name for name in names if name not in header]
    _write(path, [header + new, *(row + [_MISSING] * len(new) for row in rows)])
    return header + new


def _write(path, rows):
    with (
        written_whole(path, overwrite=True) as partial,
        open(partial, "w", newline="", encoding="utf-8") as file,
    ):
        csv.writer(file).writerows(rows)


def _read(path):
    """Header and whole rows; nothing if there is no file with a header.

    A killed process may have left half of its last row, and a full disk more.
    """
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.reader(line.replace("\0", "") for line in file))
    if not rows or rows[0][:1] != ["step"]:
        return []
    return [rows[0], *(row for row in rows[1:] if _is_row(row, rows[0]))]


def _is_row(row, header):
    if len(row) != len(header) or not row[0].isdecimal():
        return False
    try:
        return bool([float(value) for value in row])
    except ValueError:
        return False
