"""Where the published files are looked for, and the error that is raised when they are missing."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_NUM_BLOCKS = 64
_BLOCK_BYTES = 2**16


def originals_folder() -> Path:
    """`$DISENTANGLEMENT_LIB_DATA`, or else the current folder, as disentanglement_lib has it."""
    return Path(os.environ.get("DISENTANGLEMENT_LIB_DATA", "."))


def find_original(name: str, *relative_paths: str, fix: str | None = None) -> Path:
    """The first that exists of some files or folders below `originals_folder()`.

    Args:
        name: the data set's registered name.
        *relative_paths: paths below that folder; any one of them is enough.
        fix: as for `missing_error`.

    Raises:
        FileNotFoundError: none exists; the message says where to put them and how to get them.
    """
    for path in relative_paths:
        if (originals_folder() / path).exists():
            return originals_folder() / path
    raise missing_error(name, relative_paths, fix)


def missing_error(
    name: str, relative_paths: Iterable[str], fix: str | None = None
) -> FileNotFoundError:
    """The error for original files that are not there.

    Args:
        name: the data set's registered name.
        relative_paths: paths below that folder, any one of which would be enough.
        fix: text that says how to get the files; None names `bin/download_data`.
    """
    folder = originals_folder()
    wanted = " or ".join(str(folder / path) for path in relative_paths)
    fix = fix or f"bin/download_data {name} --data_dir={folder}"
    return FileNotFoundError(
        f"Expected the original files of {name}: {wanted}. Received: no such file. "
        f"Fix: {fix}; or set DISENTANGLEMENT_LIB_DATA to the folder below which they lie."
    )


def fingerprint(paths: Iterable[str | os.PathLike]) -> str:
    """16 hexadecimal digits that tell files apart without reading them whole.

    The hash of each file's name, size, and up to 64 blocks of 64 KiB, evenly spread.
    """
    digest = hashlib.sha256()
    for path in map(Path, paths):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size};".encode())
        num_blocks = min(_NUM_BLOCKS, -(-size // _BLOCK_BYTES))
        with open(path, "rb") as file:
            for block in range(num_blocks):
                last_start = max(0, size - _BLOCK_BYTES)
                file.seek(last_start * block // max(1, num_blocks - 1))
                digest.update(file.read(_BLOCK_BYTES))
    return digest.hexdigest()[:16]
