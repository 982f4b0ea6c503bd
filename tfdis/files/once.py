"""Folders that are made once: whole or not at all, by one of several processes."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tfdis.files.lock import locked
from tfdis.files.whole import written_whole


def make_folder_once(
    folder: Path, write: Callable[[Path], None], num_bytes: int, what: str
) -> Path:
    """Makes a folder unless it exists; it appears whole or not at all.

    The content is written beside the folder, synced to the disk, then renamed. Of several processes
    that start at once, one writes and the others wait for it. Whatever fails leaves nothing behind.

    Args:
        folder: the folder to make.
        write: function that is called with a new empty folder, which it fills.
        num_bytes: bytes that the content will take; the free space is checked against it first.
        what: name of what is made, for messages.

    Returns:
        The path of the folder.

    Raises:
        OSError: the disk is full, the place is not writable, or reading or writing fails.
    """
    folder = Path(folder)
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f".{folder.name}.lock"), what, wait=True):
            if not folder.is_dir():
                _make(folder, write, num_bytes)
    except OSError as error:
        raise _explained(error, folder, num_bytes, what) from error
    return folder


def _make(folder: Path, write: Callable[[Path], None], num_bytes: int) -> None:
    with written_whole(folder) as partial:
        _check_free_space(folder.parent, num_bytes)
        os.mkdir(partial)
        write(Path(partial))
        _sync_folder(Path(partial))
    _sync_folder(folder.parent)


def _check_free_space(parent: Path, num_bytes: int) -> None:
    if shutil.disk_usage(parent).free < num_bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _explained(error: OSError, folder: Path, num_bytes: int, what: str) -> OSError:
    """The same error (class and errno), telling what was being made, where, and the fix."""
    if isinstance(error.__cause__, OSError):
        error = error.__cause__
    free = ""
    with contextlib.suppress(OSError):
        free = f" ({shutil.disk_usage(folder.parent).free / 1e6:,.0f} MB free)"
    return OSError(
        error.errno,
        f"Expected to write {what}, {num_bytes / 1e6:,.0f} MB, to {folder}{free}. "
        f"Received: {error}. Nothing was left behind. "
        "Fix: free some space, or set TFDIS_DATA to a writable folder with room",
    )
