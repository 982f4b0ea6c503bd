"""One `.npy` file, read in small pieces at any place; nothing is ever unpickled."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error


class NpyArray:
    """An array in a `.npy` file that is never in memory as a whole.

    Args:
        path: the file.

    Attributes:
        shape, dtype: shape and type of the array, from the file's header.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no complete `.npy` file in C order, or needs pickle.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        try:
            array = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise archive_error(self.path, "a plain, complete array", str(error)) from error
        if not isinstance(array, np.memmap) or not array.flags.c_contiguous or not array.ndim:
            raise archive_error(self.path, "a plain array in C order", "another layout or archive")
        self.shape, self.dtype, self._offset = array.shape, array.dtype, array.offset

    def read(self, start: int, num: int) -> np.ndarray:
        """Reads `num` entries of the first axis from `start` on.

        Raises:
            ValueError: the file ends before them.
        """
        count = int(np.prod(self.shape[1:], dtype=np.int64))
        offset = self._offset + start * count * self.dtype.itemsize
        data = np.fromfile(self.path, self.dtype, num * count, offset=offset)
        if data.size != num * count:
            raise archive_error(self.path, f"{self.shape[0]} entries", "fewer: the data ends early")
        return data.reshape(num, *self.shape[1:])

    def batches(self, batch_size: int) -> Iterator[np.ndarray]:
        """Yields arrays of up to `batch_size` entries of the first axis, in order."""
        for start in range(0, self.shape[0], batch_size):
            yield self.read(start, min(batch_size, self.shape[0] - start))
