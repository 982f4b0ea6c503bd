"""A folder that one process at a time works in."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tfdis.files.lock import HIDDEN, is_locked, locked
from tfdis.files.whole import remove

_LOCK_FILE = HIDDEN + "lock"


@contextlib.contextmanager
def held_folder(folder: str | os.PathLike) -> Iterator[Path]:
    """Makes a folder if it is missing, and holds it; removes it again if the body left it empty.

    Args:
        folder: the folder; only one process may write to it at a time.

    Yields:
        The folder.

    Raises:
        InUseError: another process holds the folder.
        OSError: the folder cannot be made or written.
    """
    folder = Path(folder)
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / _LOCK_FILE, str(folder)):
            yield folder
    finally:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()


def is_held(folder: str | os.PathLike) -> bool:
    """Whether a process holds a folder; see `held_folder`."""
    return is_locked(Path(folder) / _LOCK_FILE)


def entries_of(folder: str | os.PathLike) -> list[Path]:
    """What is in a folder but for tfdis's own locks and leftovers; nothing if there is no folder."""
    folder = Path(folder)
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if not path.name.startswith(HIDDEN)]


def empty_folder(folder: str | os.PathLike, last: str) -> None:
    """Deletes what is in a held folder.

    Args:
        folder: the folder to empty.
        last: name of the entry that says what the others are: it is deleted last, so that the same
            command can go on if it is killed meanwhile.
    """
    for path in sorted(entries_of(folder), key=lambda path: path.name == last):
        remove(path)
