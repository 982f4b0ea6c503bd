"""How images lie in a store: its metadata, its two encodings, the header of its file."""

import dataclasses
import functools
import math
from pathlib import Path

import numpy as np

from tfdis.files.json_object import read_object

FORMAT = 1


@dataclasses.dataclass(frozen=True)
class StoreMetadata:
    """What a store holds.

    Attributes:
        name: name of the images.
        num_images: number of images.
        image_shape: (height, width, channels).
        encoding: "bytes" (uint8 0..255) or "bits" (0 or 255, eight pixels in a byte, the first
            pixel highest).
        provenance: "original", "re-rendered" or "generated".
        source: origin of the images, for people.
        sha256: hash of the rows in order, without the file's header; empty until they are written.
        format: version of this layout.
    """

    name: str
    num_images: int
    image_shape: tuple[int, int, int]
    encoding: str
    provenance: str
    source: str
    sha256: str = ""
    format: int = FORMAT

    @property
    def row_bytes(self) -> int:
        """Number of bytes of one image."""
        num_pixels = math.prod(self.image_shape)
        return -(-num_pixels // 8) if self.encoding == "bits" else num_pixels


def encode_rows(images: np.ndarray, encoding: str) -> np.ndarray:
    """Rows `[num, row_bytes]` of uint8 images; for "bits", every pixel but 0 becomes 255."""
    flat = images.reshape(len(images), -1)
    return np.packbits(flat, axis=1) if encoding == "bits" else flat


def decode_rows(rows: np.ndarray, image_shape: tuple[int, int, int], encoding: str) -> np.ndarray:
    """Images, uint8 0..255 `[num, height, width, channels]`, of stored rows."""
    if encoding == "bits":
        rows = np.unpackbits(rows, axis=1, count=math.prod(image_shape))
        np.negative(rows, out=rows)  # Modulo 256, -1 is 255.
    return rows.reshape(len(rows), *image_shape)


@functools.lru_cache(maxsize=16)
def npy_header(metadata: StoreMetadata) -> bytes:
    """The header of a `.npy` file of version 1.0 with these images or rows."""
    shape = (metadata.num_images, metadata.row_bytes)
    if metadata.encoding == "bytes":
        shape = (metadata.num_images, *metadata.image_shape)
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode("latin1")
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def read_metadata(path: Path) -> StoreMetadata:
    """Reads `store.json`.

    Raises:
        ValueError: the file is missing, is no JSON, or is of another format.
    """
    try:
        fields = read_object(path)
        fields["image_shape"] = tuple(fields["image_shape"])
        metadata = StoreMetadata(**fields)
        if metadata.format != FORMAT or metadata.encoding not in ("bits", "bytes"):
            raise ValueError(f"format {metadata.format}, encoding {metadata.encoding!r}")
    except (ValueError, TypeError, KeyError, FileNotFoundError) as error:
        raise ValueError(
            f"Expected {path} to describe a store of format {FORMAT}. Received: {error}. "
            f"Fix: delete {path.parent}; it will be made again."
        ) from error
    return metadata
