"""One array of an npz archive, read in order in small pieces; nothing is ever unpickled."""

import contextlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tfdis.data.formats.errors import WRONG_KEY_FIX, archive_error, damaged_error

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


class NpzArray:
    """An array in an npz archive that is never in memory as a whole.

    Args:
        path: path of the archive.
        key: name of the array, without ".npy".

    Attributes:
        shape, dtype: shape and type of the array, from the file's header.
        checksum: CRC-32 of the array with its header, as the archive's directory states it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no complete npz archive, has no such array, or the array needs
            pickle.
    """

    def __init__(self, path: str | os.PathLike, key: str):
        self.path = Path(path)
        self._entry = f"{key}.npy"
        with self._damage_explained(), zipfile.ZipFile(self.path) as archive:
            if self._entry not in archive.namelist():
                received = f"arrays {array_names(self.path)}"
                raise archive_error(self.path, f"an array {key!r}", received, WRONG_KEY_FIX)
            self.checksum = archive.getinfo(self._entry).CRC
            with archive.open(self._entry) as stream:
                self.shape, self.dtype = self._read_header(stream)

    def merge_axes(self, num_axes: int) -> None:
        """Makes one axis, the first, of the first `num_axes` axes from now on."""
        merged = int(np.prod(self.shape[:num_axes], dtype=np.int64))
        self.shape = (merged, *self.shape[num_axes:])

    def batches(self, batch_size: int) -> Iterator[np.ndarray]:
        """Yields arrays of up to `batch_size` entries of the first axis, in order.

        Raises:
            ValueError: the data ends early or its checksum is wrong.
        """
        row_bytes = int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize
        with (
            self._damage_explained(),
            zipfile.ZipFile(self.path) as archive,
            archive.open(self._entry) as stream,
        ):
            self._read_header(stream)
            for start in range(0, self.shape[0], batch_size):
                num = min(batch_size, self.shape[0] - start)
                data = stream.read(num * row_bytes)
                if len(data) != num * row_bytes:
                    raise self._error(
                        f"{self.shape[0]} entries in {self._entry}",
                        f"{start + len(data) // row_bytes}: the data ends early",
                    )
                yield np.frombuffer(data, dtype=self.dtype).reshape(num, *self.shape[1:])
            stream.read(1)  # At its end, zipfile compares the checksum.

    def _read_header(self, stream: BinaryIO) -> tuple[tuple[int, ...], np.dtype]:
        try:
            version = np.lib.format.read_magic(stream)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, is_fortran_order, dtype = read(stream)
        except (ValueError, KeyError) as error:
            raise self._error(f"a plain array in {self._entry}", str(error)) from error
        if dtype.hasobject or is_fortran_order or not shape:
            received = "pickled objects" if dtype.hasobject else f"shape {shape}, another layout"
            raise self._error(f"a plain array in C order in {self._entry}", received)
        return shape, dtype

    def _error(self, expected: str, received: str) -> ValueError:
        return archive_error(self.path, expected, received)

    @contextlib.contextmanager
    def _damage_explained(self) -> Iterator[None]:
        """Turns the errors of a damaged archive into one that names the file."""
        try:
            yield
        except _DAMAGE as error:
            raise damaged_error(self.path, "npz archive", error) from error


def array_names(path: str | os.PathLike) -> list[str]:
    """Names of the arrays in an npz archive."""
    with zipfile.ZipFile(path) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]
