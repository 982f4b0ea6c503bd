"""The original files of Cars3D, one MATLAB file for each car, in a folder or the published archive."""

import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from tfdis.data.formats.errors import archive_error, damaged_error

ARCHIVE_FOLDER = PurePosixPath("data/cars")
LIST_NAME = "list.txt"
_LARGEST_FILE_BYTES = 2**26
_DAMAGE = (tarfile.TarError, zlib.error, EOFError, OSError)


def files_of(path: str | os.PathLike) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of the cars' files and of `list.txt`, one at a time.

    Args:
        path: path of a folder, or of the published `.tar.gz`, of which nothing is unpacked to the
            disk.

    Raises:
        ValueError: the archive is damaged, or has members that point outside of it.
    """
    path = Path(path)
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.name == LIST_NAME or file.suffix == ".mat":
                yield file.name, file.read_bytes()
        return
    try:
        archive = tarfile.open(path, "r|gz")  # noqa: SIM115
    except _DAMAGE as error:
        raise damaged_error(path, "tar.gz archive", error) from error
    with archive:
        yield from _members(path, archive)


def _members(path: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    while True:
        try:
            member = archive.next()
            if member is None:
                return
            name = wanted_name(path, member)
            content = archive.extractfile(member).read() if name else b""
        except _DAMAGE as error:
            raise damaged_error(path, "tar.gz archive", error) from error
        if name:
            yield name, content


def wanted_name(path: Path, member: tarfile.TarInfo) -> str | None:
    """File name of a member that is one of the cars' files, None for any other member.

    Raises:
        ValueError: the member points outside of the archive, is a link, or is too large.
    """
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts:
        raise archive_error(path, "members below data/ only", f"a member {member.name!r}")
    if place.parent != ARCHIVE_FOLDER or member.isdir():
        return None
    if place.name != LIST_NAME and place.suffix != ".mat":
        return None
    if not member.isfile() or member.size > _LARGEST_FILE_BYTES:
        received = f"{member.name!r}, a link or {member.size} bytes"
        raise archive_error(path, f"plain files of at most {_LARGEST_FILE_BYTES} bytes", received)
    return place.name


def read_mesh(path: Path, name: str, content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """Reads `im` of a car's file, uint8 `[height, width, channels, azimuth, elevation]`.

    Raises:
        ValueError: the file is no MATLAB file with such an array.
    """
    import scipy.io

    try:
        arrays = {key: (size, kind) for key, size, kind in scipy.io.whosmat(io.BytesIO(content))}
        if arrays.get("im") == (shape, "uint8"):
            return scipy.io.loadmat(io.BytesIO(content), variable_names=["im"])["im"]
        received = str(arrays)
    except Exception as error:  # noqa: BLE001 - SciPy raises many kinds for damaged files
        received = f"{len(content)} bytes, truncated or damaged ({error})"
    raise archive_error(Path(path) / name, f"an array im, uint8 of shape {shape}", received)


def ordered_names(path: Path, names: set[str], listing: bytes | None) -> list[str]:
    """The cars' files in the order of `list.txt`, or by name if there is none.

    Raises:
        ValueError: the list names other files than there are.
    """
    if listing is None:
        return sorted(names)
    lines = [line.strip() for line in listing.decode("utf-8", "replace").splitlines()]
    ordered = [line if line.endswith(".mat") else f"{line}.mat" for line in lines if line]
    if set(ordered) != names or len(ordered) != len(names):
        difference = sorted(set(ordered) ^ names)[:3] or "repeated lines"
        raise archive_error(Path(path) / LIST_NAME, "the names of the cars' files", f"{difference}")
    return ordered
