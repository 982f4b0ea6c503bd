"""One array of an HDF5 file, read in order in small pieces."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import WRONG_KEY_FIX, archive_error, damaged_error

_LARGEST_CHUNK_BYTES = 2**28


class H5Array:
    """An array in an HDF5 file that is never in memory as a whole.

    Args:
        path: the file.
        key: name of the array.

    Attributes:
        shape, dtype: shape and type of the array.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no complete HDF5 file, has no such array, or has one whose values
            are objects or lie in other files.
    """

    def __init__(self, path: str | os.PathLike, key: str):
        self.path = Path(path)
        self.key = key
        with self._open() as file:
            array = file.get(key)
            if not hasattr(array, "chunks"):
                received = f"arrays {sorted(file)}"
                raise archive_error(self.path, f"an array {key!r}", received, WRONG_KEY_FIX)
            if array.dtype.kind not in "biuf" or array.is_virtual or array.external:
                received = f"{array.dtype}, virtual: {array.is_virtual}, external: {array.external}"
                raise archive_error(self.path, f"plain numbers in {key!r}", received)
            self.shape, self.dtype = array.shape, array.dtype
            self._chunk_length = array.chunks[0] if array.chunks else 1

    def batches(self, batch_size: int) -> Iterator[np.ndarray]:
        """Yields arrays of about `batch_size` entries of the first axis, in order.

        The number is rounded to whole chunks of the file, so that each chunk is decompressed once.

        Raises:
            ValueError: data is damaged.
        """
        row_bytes = int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize
        if self._chunk_length * row_bytes <= _LARGEST_CHUNK_BYTES:
            batch_size = max(1, batch_size // self._chunk_length) * self._chunk_length
        with self._open() as file:
            for start in range(0, self.shape[0], batch_size):
                try:
                    batch = file[self.key][start : start + batch_size]
                except OSError as error:
                    # The error is about the file, not about the disk that is written to.
                    raise damaged_error(self.path, "HDF5 file", error) from error
                yield batch

    def read(self) -> np.ndarray:
        """Reads the whole array, for small ones."""
        return np.concatenate(list(self.batches(max(1, self.shape[0]))))

    def _open(self):
        import h5py

        try:
            return h5py.File(self.path, "r")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise damaged_error(self.path, "HDF5 file", error) from error
