"""A `.npy` file that grows block by block, and survives being killed between any two bytes."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

# Ending of the name of a file that still lacks rows.
PARTIAL = ".partial"


class GrowingArray:
    """Rows of an array of known final shape, appended to a partial file beside the final one.

    The partial file has its final header from the start; what a killed process left of a row is cut
    off when it is opened again, and a final file becomes a partial one that lacks nothing. `finish`
    gives the file its name, which therefore never stands for less than the whole array.

    Args:
        path: the final `.npy` file.
        shape: shape of the whole array, number of rows first.
        dtype: type of the array's elements.

    Attributes:
        num_rows: rows written so far.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike, shape: Sequence[int], dtype: DTypeLike):
        self.path = Path(path)
        self._shape = tuple(shape)
        self._dtype = np.dtype(dtype)
        self._row_bytes = int(np.prod(self._shape[1:], dtype=np.int64)) * self._dtype.itemsize
        self._partial = self.path.with_name(self.path.name + PARTIAL)
        if self.path.exists() and not self._partial.exists():
            os.replace(self.path, self._partial)
        self._file = open(self._partial, "a+b")  # noqa: SIM115 - closed by close()
        header = _header(self._shape, self._dtype)
        self._file.seek(0)
        if self._file.read(len(header)) != header:
            self._file.truncate(0)
            self._file.write(header)
        self._offset = len(header)
        self.keep(self._count_rows())

    def _count_rows(self) -> int:
        self._file.flush()
        return (os.fstat(self._file.fileno()).st_size - self._offset) // self._row_bytes

    def keep(self, num_rows: int) -> None:
        """Cuts off what follows the first rows."""
        self.num_rows = min(num_rows, self._shape[0])
        self._file.flush()
        self._file.truncate(self._offset + self.num_rows * self._row_bytes)

    def append(self, rows: np.ndarray) -> None:
        """Writes rows `[any, ...]` and syncs them to the disk.

        Raises:
            ValueError: if they are of another shape, or too many.
        """
        rows = np.ascontiguousarray(rows, self._dtype)
        if rows.shape[1:] != self._shape[1:] or self.num_rows + len(rows) > self._shape[0]:
            raise ValueError(
                f"Expected up to {self._shape[0] - self.num_rows} rows of shape {self._shape[1:]} for "
                f"{self.path}. Received: {rows.shape}."
            )
        self._file.write(rows)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.num_rows += len(rows)

    def finish(self) -> None:
        """Closes the file and gives it its name.

        Raises:
            ValueError: if rows are missing.
        """
        if self.num_rows != self._shape[0]:
            raise ValueError(
                f"Expected {self._shape[0]} rows in {self.path}. Received: {self.num_rows}."
            )
        self.close()
        os.replace(self._partial, self.path)

    def close(self) -> None:
        """Closes the file; its rows are kept."""
        self._file.close()


def _header(shape, dtype) -> bytes:
    buffer = io.BytesIO()
    description = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(buffer, description)
    return buffer.getvalue()
