"""Unpacks downloaded archives: whole or not at all, within a given size, inside one folder."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tfdis.data.formats.errors import archive_error
from tfdis.files.whole import written_whole

_BLOCK_BYTES = 2**20


def unpack(
    archive: Path,
    target: Path,
    most_bytes: int,
    members: Callable[[Path], Iterable[tuple[str, bytes]]] | None = None,
) -> None:
    """Unpacks a `.gz` into a file, or the members of an archive into a folder.

    Args:
        archive: path of the archive, which is left as it is.
        target: the file or folder to make; it appears whole or not at all.
        most_bytes: the most bytes that may be written.
        members: function that gives name and content of each wanted member; None for a `.gz`.

    Raises:
        ValueError: the archive is damaged, unpacks to more bytes, or points outside of itself.
        OSError: the target cannot be written.
    """
    with written_whole(target) as partial:
        if members is None:
            _unpack_gzip(archive, Path(partial), most_bytes)
        else:
            _write_members(archive, members(archive), Path(partial), most_bytes)


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


def _write_members(
    archive: Path, members: Iterable[tuple[str, bytes]], partial: Path, most_bytes: int
) -> None:
    partial.mkdir()
    num_bytes = 0
    for name, content in members:
        num_bytes += len(content)
        if num_bytes > most_bytes:
            raise _too_large(archive, most_bytes)
        (partial / name).write_bytes(content)
    if not num_bytes:
        raise archive_error(archive, "the files of the data set", "none")


def _too_large(archive: Path, most_bytes: int) -> ValueError:
    return archive_error(archive, f"at most {most_bytes} bytes when unpacked", "more")
