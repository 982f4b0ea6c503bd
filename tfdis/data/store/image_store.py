"""Images in one file: uint8, or one bit for each pixel; read in place, however large the file.

A store is a folder with `images.npy`, a plain uint8 array (`numpy.load(..., mmap_mode="r")` opens
it), and `store.json`, which says what it holds. Small files are mapped to memory. From large ones,
rows are read by position: a mapping counts every page that was ever touched as resident, and its
neighbours (measured with 377 MB: all of it after 400 random batches of 64; giving the pages back
after each batch cost 490 microseconds), while a positioned read costs about 1 microsecond for each
image, keeps nothing, and turns a lost file into an error rather than a signal.
"""

import dataclasses
import hashlib
import json
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tfdis.data.store.store_format import StoreMetadata, decode_rows, npy_header, read_metadata

IMAGES_FILE = "images.npy"
METADATA_FILE = "store.json"
LARGEST_MAPPED_BYTES = 64 * 2**20


class ImageStore:
    """Images by index, out of an array in memory or a folder on disk (`ImageStore.open`).

    Args:
        metadata: description of what the store holds.
        rows: uint8 `[num_images, row_bytes]`, in memory or mapped; None to read them by position.
        folder: path of the folder that was opened, if one was.
        descriptor: descriptor of the open images file, to read rows by position; it is closed with
            the store.
        data_offset: number of bytes before the first row in the images file.
    """

    def __init__(
        self,
        metadata: StoreMetadata,
        rows: np.ndarray | None,
        folder: Path | None = None,
        descriptor: int | None = None,
        data_offset: int = 0,
    ):
        self.metadata = metadata
        self._rows = rows
        self._folder = folder
        self._descriptor = descriptor
        self._data_offset = data_offset
        self._row_bytes = metadata.row_bytes

    @classmethod
    def open(cls, folder: str | os.PathLike) -> "ImageStore":
        """Opens a folder that `write_store` made.

        Raises:
            ValueError: the metadata cannot be read, or the file has not the size that they promise.
        """
        folder = Path(folder)
        metadata = read_metadata(folder / METADATA_FILE)
        path = folder / IMAGES_FILE
        data_offset = len(npy_header(metadata))
        expected = data_offset + metadata.num_images * metadata.row_bytes
        with open(path, "rb") as file:
            received = os.fstat(file.fileno()).st_size
            if received != expected or file.read(data_offset) != npy_header(metadata):
                raise ValueError(
                    f"Expected {path} to hold {metadata.num_images} images in {expected} bytes. "
                    f"Received: {received} bytes or another header. Fix: delete {folder}; "
                    "it will be made again."
                )
            if expected > LARGEST_MAPPED_BYTES and hasattr(os, "pread"):
                return cls(metadata, None, folder, os.dup(file.fileno()), data_offset)
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        rows = np.frombuffer(mapping, dtype=np.uint8, offset=data_offset)
        return cls(metadata, rows.reshape(metadata.num_images, metadata.row_bytes), folder)

    def __len__(self) -> int:
        return self.metadata.num_images

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            os.close(self._descriptor)

    def __reduce__(self) -> tuple:
        if self._folder is None:
            return ImageStore, (self.metadata, self._rows)
        return ImageStore.open, (self._folder,)

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        """Images by index: uint8 0..255 `[num, height, width, channels]`.

        Raises:
            IndexError: an index is not from 0 to `len(self) - 1`.
            OSError: the file has been truncated since it was opened.
        """
        rows = self.rows_at(indices)
        return decode_rows(rows, self.metadata.image_shape, self.metadata.encoding)

    def rows_at(self, indices: np.ndarray) -> np.ndarray:
        """Images as they are stored: uint8 `[num, row_bytes]`."""
        indices = np.asarray(indices, dtype=np.int64)
        if indices.size and not 0 <= indices.min() <= indices.max() < len(self):
            raise IndexError(
                f"Expected image indices from 0 to {len(self) - 1} of {self.metadata.name}. "
                f"Received: {indices.min()} to {indices.max()}."
            )
        if self._rows is not None:
            return self._rows[indices]
        if indices.size > 1 and np.all(np.diff(indices) == 1):
            data = self._read(int(indices[0]), indices.size)
        else:
            data = self._gather(indices)
        if len(data) != indices.size * self._row_bytes:
            raise OSError(
                f"Expected {indices.size} images in {self._folder / IMAGES_FILE}. Received: fewer, "
                f"the file was changed. Fix: delete {self._folder}; it will be made again."
            )
        return np.frombuffer(data, dtype=np.uint8).reshape(indices.size, self._row_bytes)

    def _gather(self, indices: np.ndarray) -> bytes:
        descriptor, num_bytes = self._descriptor, self._row_bytes
        offsets = self._data_offset + indices * num_bytes
        return b"".join([os.pread(descriptor, num_bytes, offset) for offset in offsets.tolist()])

    def _read(self, start: int, num_rows: int) -> bytes:
        pieces = []
        offset = self._data_offset + start * self._row_bytes
        end = offset + num_rows * self._row_bytes
        while offset < end:  # The system reads at most 2 GB at once.
            pieces.append(os.pread(self._descriptor, end - offset, offset))
            if not pieces[-1]:
                break
            offset += len(pieces[-1])
        return b"".join(pieces)


def write_store(folder: Path, metadata: StoreMetadata, row_batches: Iterable[np.ndarray]) -> None:
    """Writes a store into an existing empty folder, and syncs it to the disk.

    Plain writes, never a writable mapping: on a full disk those fail with an error, a mapping with
    a signal.

    Args:
        folder: path of the folder; see `files.make_folder_once` for making it appear whole.
        metadata: description of what the store will hold; `sha256` is filled in.
        row_batches: uint8 arrays `[any, row_bytes]`, together `num_images` rows.

    Raises:
        ValueError: the rows are not `num_images` times `row_bytes`.
    """
    digest = hashlib.sha256()
    num_rows = 0
    with open(folder / IMAGES_FILE, "wb") as file:
        file.write(npy_header(metadata))
        for rows in row_batches:
            if rows.dtype != np.uint8 or rows.shape[1:] != (metadata.row_bytes,):
                raise ValueError(
                    f"Expected uint8 rows of {metadata.row_bytes} bytes for {metadata.name}. "
                    f"Received: {rows.dtype} of shape {rows.shape}."
                )
            rows = np.ascontiguousarray(rows)
            file.write(rows)
            digest.update(rows)
            num_rows += len(rows)
        _sync(file)
    if num_rows != metadata.num_images:
        raise ValueError(f"Expected {metadata.num_images} rows. Received: {num_rows}.")
    write_metadata(folder, metadata, digest.hexdigest())


def write_metadata(folder: Path, metadata: StoreMetadata, sha256: str) -> None:
    """Writes `store.json`, with the hash of all rows, and syncs it to the disk."""
    metadata = dataclasses.replace(metadata, sha256=sha256)
    with open(folder / METADATA_FILE, "w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(metadata), file, indent=2)
        _sync(file)


def _sync(file) -> None:
    file.flush()
    os.fsync(file.fileno())
