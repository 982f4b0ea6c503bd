"""The binary matrix format of NORB: a magic number for the type, the sizes, the values."""

import os
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfdis.data.formats.errors import archive_error

# Little-endian; the byte matrix holds pixels, which are unsigned.
TYPES = {0x1E3D4C55: np.uint8, 0x1E3D4C54: np.dtype("<i4")}


class NorbMatrix:
    """A matrix in a file that is read in pieces.

    Args:
        path: path of the file, which is not compressed.

    Attributes:
        shape, dtype: shape and type of the matrix.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no complete matrix of bytes or 32-bit integers.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        with open(self.path, "rb") as file:
            header = file.read(8 + 4 * 4)
        words = np.frombuffer(header[: len(header) // 4 * 4], dtype="<i4")
        if len(words) < 5 or int(words[0]) not in TYPES or not 1 <= words[1] <= 4:
            raise self._error("a NORB matrix", f"a file that starts with {header[:8]!r}")
        num_axes = int(words[1])
        self.dtype = np.dtype(TYPES[int(words[0])])
        self.shape = tuple(int(size) for size in words[2 : 2 + num_axes])
        self._offset = 8 + 4 * max(3, num_axes)
        expected = self._offset + int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize
        received = self.path.stat().st_size
        if min(self.shape, default=0) < 1 or received != expected:
            raise self._error(f"a {self.shape} matrix in {expected} bytes", f"{received} bytes")

    def read(self) -> np.ndarray:
        """Reads the whole matrix, for small ones."""
        return np.fromfile(self.path, self.dtype, offset=self._offset).reshape(self.shape)

    def block_at(self, index: int, file: BinaryIO) -> np.ndarray:
        """Reads the values at one index of the first axis from the file, which the caller has opened."""
        count = int(np.prod(self.shape[1:], dtype=np.int64))
        file.seek(self._offset + index * count * self.dtype.itemsize)
        data = file.read(count * self.dtype.itemsize)
        if len(data) != count * self.dtype.itemsize:
            raise self._error(f"{self.shape[0]} entries", "fewer: the file was changed")
        return np.frombuffer(data, self.dtype).reshape(self.shape[1:])

    def _error(self, expected: str, received: str) -> ValueError:
        return archive_error(self.path, expected, received)
