"""One process at a time: locks that name their holder, and that end with it however it ends."""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from absl import logging
from filelock import FileLock, Timeout

# Names that tfdis itself uses in people's folders while it works there start with this.
HIDDEN = ".tfdis-"


class InUseError(OSError):
    """Another process holds the lock."""


@contextlib.contextmanager
def locked(path: str | os.PathLike, what: str, wait: bool = False) -> Iterator[None]:
    """Holds a lock file while the body runs; a process that holds it already may hold it again.

    Args:
        path: the lock file, in a folder that exists. It is there only while somebody holds it; one
            that a killed process left is no lock.
        what: name of what is locked, for messages.
        wait: True waits until the lock is free; False raises an error if it is not.

    Raises:
        InUseError: another process holds the lock and `wait` is False; its number and host are
            named.
        OSError: the lock file cannot be written.
    """
    path = Path(path)
    holder = path.with_name(f"{path.name}-holder")
    lock = FileLock(path, is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise InUseError(
                f"Expected {what} to be in use by no other process. Received: it is in use by "
                f"{_read(holder)}. Wait until that process ends, or use another folder."
            ) from None
        logging.info("%s is in use by %s; waiting for it.", what, _read(holder))
        lock.acquire()
    try:
        if lock.lock_counter == 1:
            _write(holder)
        yield
    finally:
        if lock.lock_counter == 1:
            # Removed before the lock is free: a waiting process notices that its file is gone, and makes a
            # new one.
            with contextlib.suppress(OSError):
                holder.unlink(missing_ok=True)
                path.unlink(missing_ok=True)
        lock.release()


def is_locked(path: str | os.PathLike) -> bool:
    """Whether a process, perhaps this one, holds a lock file."""
    try:
        with open(path, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _write(holder: Path) -> None:
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    holder.write_text(f"process {os.getpid()} on {socket.gethostname()} since {started}")


def _read(holder: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return holder.read_text() or "a process that has just started"
    return "a process that has just started"
