"""A lease: a file that its holder renews, and that others take over once nobody does.

A lock of the system ends with its process at once, but on some network file systems only the processes
of one node see it. A lease is seen by all. It names its holder: on the holder's own machine it ends with the
process, seen from other machines when it has not been renewed for a while. Ages are differences of times that
the file server gave, so that clocks of machines play no part.
"""

import contextlib
import functools
import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from absl import logging

from tfdis.files.lock import InUseError

BEAT_SECONDS = 15.0
# Clients of network file systems may see a file's time a minute late.
EXPIRY_SECONDS = 180.0


@contextlib.contextmanager
def leased(path: str | os.PathLike, what: str) -> Iterator[None]:
    """Holds a lease while the body runs.

    If the lease is lost, as after a pause of the machine that was longer than its term, this process gets
    SIGTERM: another one may be at work already.

    Args:
        path: the lease's file, in a folder that exists.
        what: name of what is leased, for messages.

    Raises:
        InUseError: another process holds the lease.
        OSError: the file cannot be written.
    """
    path = Path(path)
    mine = f"{_machine()} {os.getpid()} {_start_of(os.getpid())} {uuid.uuid4().hex}"
    _take(path, mine, what)
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(path, mine, what, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with contextlib.suppress(OSError):
            if path.read_text("utf-8") == mine:
                path.unlink()


def is_leased(path: str | os.PathLike) -> bool:
    """Whether some process, perhaps this one, holds a lease."""
    try:
        return _is_alive(Path(path), Path(path).read_text("utf-8"))
    except FileNotFoundError:
        return False


def _take(path: Path, mine: str, what: str) -> None:
    for _ in range(2):
        try:
            # Of all processes on all machines, one succeeds.
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                found = path.read_text("utf-8")
                if _is_alive(path, found):
                    break
                _set_aside(path, found)
        else:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(mine)
            return
    raise InUseError(
        f"Expected {what} to be in use by no other process. Received: {path} was renewed within the last "
        f"{EXPIRY_SECONDS:.0f} s. Wait until that process ends, or use another folder."
    )


def _is_alive(path: Path, found: str) -> bool:
    """Whether the holder that a lease's text names is still there."""
    machine, _, process = found.partition(" ")
    number, start, *_ = [*process.split(), "", ""]
    if machine == _machine() and number.isdigit():
        return _start_of(int(number)) == start
    return _server_time(path) - path.stat().st_mtime < EXPIRY_SECONDS


def _set_aside(path: Path, stale: str) -> None:
    """Removes a lease that nobody renews, but none that somebody has just taken over."""
    aside = path.with_name(f"{path.name}-{uuid.uuid4().hex}")
    os.rename(path, aside)
    if aside.read_text("utf-8") != stale:
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    aside.unlink()


def _renew(path: Path, mine: str, what: str, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        try:
            is_lost = path.read_text("utf-8") != mine
            if not is_lost:
                os.utime(path)
        except FileNotFoundError:
            is_lost = True
        except OSError as error:  # The server may come back.
            logging.warning("The lease of %s could not be renewed: %s", what, error)
            continue
        if is_lost and not ended.is_set():
            logging.error(
                "The lease of %s is lost: another process may work there. Stopping.", what
            )
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _server_time(path: Path) -> float:
    """The time, in seconds, by the clock that gives files in the lease's folder theirs."""
    probe = path.with_name(f"{path.name}-{uuid.uuid4().hex}")
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


@functools.cache
def _machine() -> str:
    """What tells one start of one machine, and of one container on it, from all others."""
    with contextlib.suppress(OSError):
        started = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        return f"{started}-{os.readlink('/proc/self/ns/pid')}"
    return f"{socket.gethostname()}-{uuid.getnode()}"


def _start_of(number: int) -> str:
    """When a process of this machine started, as text; empty if there is no such process."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
