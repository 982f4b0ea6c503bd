"""Codes kept beside the module that gave them, so that no later process encodes the images again.

A folder for each data set, which appears whole or not at all:

    codes.npy    a row for each image that was encoded, in the order of the images; memory-mapped
    known.npy    a bit for each image of the data set: whether it was encoded
    codes.json   what the codes depend on, and the SHA-256 of both files

Content that does not match is not trusted: its codes are encoded again.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import logging
from numpy.typing import DTypeLike

from tfdis.dlib.scoring.identity import file_digest
from tfdis.files.growing_array import GrowingArray
from tfdis.files.json_object import read_object
from tfdis.files.lock import HIDDEN, locked
from tfdis.files.whole import written_whole

_CODES, _KNOWN, _DESCRIPTION = "codes.npy", "known.npy", "codes.json"
# Number of images whose codes are written at once: a few MB.
_BLOCK = 2**16


class _Found(NamedTuple):
    """The content of a folder: codes `[num_known, dim]`, bool `[num_images]`."""

    codes: np.ndarray
    is_known: np.ndarray


class KeptCodes:
    """The codes of one data set's images by one module, on the disk.

    Args:
        folder: path of the folder, which is made when there is something to keep.
        identity: everything that the codes depend on, in JSON's types.
        num_images: number of images of the data set.
        dtype: type of the codes.
    """

    def __init__(
        self, folder: str | os.PathLike, identity: Mapping, num_images: int, dtype: DTypeLike
    ):
        self.folder = Path(folder)
        self._identity = json.loads(json.dumps(identity))
        self._num_images = num_images
        self._dtype = np.dtype(dtype)
        self._is_given_up = False

    def read(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Reads what is kept; None if that is nothing or cannot be trusted, which is logged.

        Returns:
            Codes `[num_images, dim]`, with zeros for images that are not known
            (read-only and memory-mapped if all are known), and for each image whether its code is
            known.
        """
        found, reason = self._find()
        if reason:
            logging.info("The codes in %s are encoded again: %s", self.folder, reason)
        if found is None:
            return None
        num_known = len(found.codes)
        logging.info("Codes of %d of %d images: %s.", num_known, self._num_images, self.folder)
        if num_known == self._num_images:
            return found.codes, found.is_known
        codes = np.zeros((self._num_images, found.codes.shape[1]), found.codes.dtype)
        codes[found.is_known] = found.codes
        return codes, found.is_known

    def add(self, codes: np.ndarray, is_known: np.ndarray) -> None:
        """Keeps codes beside those that are kept already; if they cannot be written, it logs that once.

        Args:
            codes: `[num_images, dim]`.
            is_known: bool `[num_images]`, which says which rows are codes.
        """
        if self._is_given_up:
            return
        parent, name = self.folder.parent, self.folder.name
        try:
            parent.mkdir(exist_ok=True)
            # Another process may have added codes since `read`.
            with locked(parent / f"{HIDDEN}{name}.lock", str(self.folder), wait=True):
                self._write(codes, is_known, self._find()[0])
        except OSError as error:
            self._is_given_up = True
            logging.warning("Codes are not kept, as %s cannot be written: %s", self.folder, error)

    def _write(self, codes, is_known, others):
        if others is not None and others.codes.shape[1:] == codes.shape[1:]:
            all_known = is_known | others.is_known
        else:
            all_known, others = is_known, None
        shape = (int(np.count_nonzero(all_known)), codes.shape[1])
        with written_whole(self.folder, overwrite=True) as path:
            folder = Path(path)
            folder.mkdir()
            file = GrowingArray(folder / _CODES, shape, codes.dtype)
            for rows in _merged(codes, is_known, others):
                file.append(rows)
            file.finish()
            np.save(folder / _KNOWN, np.packbits(all_known))
            description = {"identity": self._identity, "sha256": _digests(folder)}
            text = json.dumps(description, indent=2, sort_keys=True)
            (folder / _DESCRIPTION).write_text(text, encoding="utf-8")

    def _find(self) -> tuple[_Found | None, str]:
        """The content that can be trusted, and the reason why other content cannot."""
        if not self.folder.is_dir():
            return None, ""
        try:
            return self._checked(), ""
        except (OSError, ValueError, KeyError, TypeError) as error:
            return None, str(error).partition("\n")[0] or type(error).__name__

    def _checked(self) -> _Found:
        """Reads the folder.

        Raises:
            OSError, ValueError, KeyError, TypeError: the folder is not what `_write` writes for
                this identity.
        """
        kept = read_object(self.folder / _DESCRIPTION)
        other = [key for key, value in self._identity.items() if kept["identity"][key] != value]
        if other:
            raise ValueError(f"they are of another {', '.join(other)}.")
        if kept["sha256"] != _digests(self.folder):
            raise ValueError("they are damaged.")
        codes = np.load(self.folder / _CODES, mmap_mode="r", allow_pickle=False)
        bits = np.load(self.folder / _KNOWN, allow_pickle=False)
        is_known = np.unpackbits(bits, count=self._num_images).astype(bool)
        if (
            codes.dtype != self._dtype
            or codes.ndim != 2
            or len(codes) != np.count_nonzero(is_known)
            or len(bits) != (self._num_images + 7) // 8
        ):
            raise ValueError(f"they are {codes.dtype} of shape {codes.shape}.")
        return _Found(np.asarray(codes), is_known)


def _merged(codes, is_known, others: _Found | None) -> Iterator[np.ndarray]:
    """Blocks of rows that one or the other knows, in the order of the images."""
    num_read = 0
    for start in range(0, len(is_known), _BLOCK):
        known = is_known[start : start + _BLOCK]
        block = codes[start : start + _BLOCK]
        if others is not None:
            known_there = others.is_known[start : start + _BLOCK]
            rows = others.codes[num_read : num_read + np.count_nonzero(known_there)]
            num_read += len(rows)
            block = block.copy()
            block[known_there & ~known] = rows[~known[known_there]]
            known = known | known_there
        yield block[known]


def _digests(folder: Path) -> dict[str, str]:
    return {name: file_digest(folder / name) for name in (_CODES, _KNOWN)}
