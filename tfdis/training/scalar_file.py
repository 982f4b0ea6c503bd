"""Scalars by step, in a CSV file and in TensorBoard; a resumed run writes over what it repeats."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf


class ScalarFile:
    """Rows of scalars: `<run>/<name>.csv`, and the tags `<tag>/<scalar>` in `<run>/tensorboard`.

    Args:
      run_dir: the run's folder.
      name: of the CSV file, without its ending.
      tag: what the tags start with.
      start: step at which this process starts; later rows of an interrupted process are dropped.
    """

    def __init__(self, run_dir: str | os.PathLike, name: str, tag: str, start: int):
        self._path = Path(run_dir) / f"{name}.csv"
        self._tag = tag
        self._writer = tf.summary.create_file_writer(str(Path(run_dir) / "tensorboard"))
        _drop_rows_after(self._path, start)

    def write(self, step: int, scalars: Mapping[str, float]) -> None:
        """Adds a row; every row has the same scalars."""
        is_new = not self._path.exists()
        with open(self._path, "a", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(["step", *scalars])
            writer.writerow([step, *(repr(value) for value in scalars.values())])
        with self._writer.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(f"{self._tag}/{name}", value)
        self._writer.flush()

    def row(self, step: int) -> dict[str, float] | None:
        """The scalars of a step; None if there are none."""
        if not self._path.exists():
            return None
        with open(self._path, newline="") as file:
            for row in csv.DictReader(file):
                if int(row.pop("step")) == step:
                    return {name: float(value) for name, value in row.items()}
        return None


def _drop_rows_after(path, step):
    if not path.exists():
        return
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    kept = rows[:1] + [row for row in rows[1:] if _is_row(row, rows[0]) and int(row[0]) <= step]
    temporary = path.with_suffix(".partial")
    with open(temporary, "w", newline="") as file:
        csv.writer(file).writerows(kept)
    os.replace(temporary, path)


def _is_row(row, header):
    """Whether the row is whole: a killed process may have left half of its last one."""
    return len(row) == len(header) and row[0].isdigit()
