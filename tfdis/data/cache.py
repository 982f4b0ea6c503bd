"""The cache folder, and folders that are made in it once: whole or not at all."""

import contextlib
import errno
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from absl import logging

try:
    import fcntl
except ImportError:  # Windows: two processes may then do the same work; the rename still decides.
    fcntl = None


def cache_folder() -> Path:
    """`$TFDIS_DATA`, or else `tfdis` in the platform's cache folder (Linux: `~/.cache/tfdis`)."""
    if os.environ.get("TFDIS_DATA"):
        return Path(os.environ["TFDIS_DATA"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tfdis"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "tfdis"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfdis"


def make_folder_once(
    folder: Path, write: Callable[[Path], None], num_bytes: int, what: str
) -> Path:
    """Makes a folder unless it exists; it appears whole or not at all.

    The content is written beside the folder, synced to the disk, then renamed. Of several processes
    that start at once, one writes and the others wait for it. Whatever fails leaves nothing behind.

    Args:
      folder: the folder to make.
      write: called with a new empty folder, which it fills.
      num_bytes: bytes that the content will take, checked against the free space first.
      what: what is made, for messages.

    Returns:
      `folder`.

    Raises:
      OSError: if the disk is full, the place is not writable, or reading or writing fails.
    """
    folder = Path(folder)
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f".{folder.name}.lock"), what) as is_locked:
            if folder.is_dir():
                return folder
            if is_locked:
                _remove_partial_folders(folder)
            _check_free_space(folder.parent, num_bytes)
            _write_then_rename(folder, write)
    except OSError as error:
        raise _explained(error, folder, num_bytes, what) from error
    return folder


def _write_then_rename(folder: Path, write: Callable[[Path], None]) -> None:
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.partial")
    try:
        partial.mkdir()
        write(partial)
        _sync_folder(partial)
        try:
            partial.rename(folder)
        except OSError:
            if not folder.is_dir():  # Otherwise another process was first, without the lock.
                raise
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _remove_partial_folders(folder: Path) -> None:
    """Removes what killed processes left: nobody else writes while we hold the lock."""
    for partial in folder.parent.glob(f".{folder.name}.*.partial"):
        shutil.rmtree(partial, ignore_errors=True)


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
    """The same error (class and errno) with what was being made, where, and the fix."""
    free = ""
    with contextlib.suppress(OSError):
        free = f" ({shutil.disk_usage(folder.parent).free / 1e6:,.0f} MB free)"
    return OSError(
        error.errno,
        f"Expected to write {what}, {num_bytes / 1e6:,.0f} MB, to {folder}{free}. "
        f"Received: {error}. Nothing was left behind. "
        "Fix: free some space, or set TFDIS_DATA to a writable folder with room",
    )


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[bool]:
    """Holds a lock file where the file system has locks; yields whether it does."""
    lock = _acquire(path, what)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                path.unlink()
            lock.close()


def _acquire(path: Path, what: str) -> BinaryIO | None:
    while fcntl is not None:
        lock = open(path, "ab")  # noqa: SIM115 - closing it gives the lock back
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logging.info("Another process is making %s; waiting for it.", what)
                fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:
            lock.close()
            return None
        # The former holder removes the file: only a lock on the file that is there now counts.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        lock.close()
    return None
