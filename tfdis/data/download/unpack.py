"""Unpacks downloaded archives: whole or not at all, no further than allowed, nowhere else."""

import gzip
import os
import zlib
from pathlib import Path

from tfdis.data.formats.errors import archive_error
from tfdis.data.sets.cars3d.original import files_of
from tfdis.files.whole import written_whole

_BLOCK_BYTES = 2**20


def unpack(archive: Path, target: Path, most_bytes: int) -> None:
    """Unpacks a `.gz` into a file, or the cars' files of a `.tar.gz` into a folder.

    Args:
      archive: the archive, which is left as it is.
      target: the file or folder to make; it appears whole or not at all.
      most_bytes: the most that may be written.

    Raises:
      ValueError: if the archive is damaged, unpacks to more, or points out of itself.
      OSError: if the target cannot be written.
    """
    unpack_into = _unpack_cars if archive.name.endswith(".tar.gz") else _unpack_gzip
    with written_whole(target) as partial:
        unpack_into(archive, Path(partial), most_bytes)


def _unpack_gzip(archive: Path, partial: Path, most_bytes: int) -> None:
    num_bytes = 0
    with gzip.open(archive) as source, open(partial, "wb") as file:
        while True:
            try:
                block = source.read(_BLOCK_BYTES)
            except (OSError, EOFError, zlib.error) as error:
                raise archive_error(archive, "a complete gzip archive", str(error)) from error
            if not block:
                break
            num_bytes += len(block)
            if num_bytes > most_bytes:
                raise _too_large(archive, most_bytes)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _unpack_cars(archive: Path, partial: Path, most_bytes: int) -> None:
    partial.mkdir()
    num_bytes = 0
    for name, content in files_of(archive):
        num_bytes += len(content)
        if num_bytes > most_bytes:
            raise _too_large(archive, most_bytes)
        (partial / name).write_bytes(content)
    if not num_bytes:
        raise archive_error(archive, "the cars' files", "none")


def _too_large(archive: Path, most_bytes: int) -> ValueError:
    return archive_error(archive, f"at most {most_bytes} bytes when unpacked", "more")
