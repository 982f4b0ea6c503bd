"""Downloads one file: resumes, retries, never takes a short file for a whole one."""

import dataclasses
import errno
import os
import shutil
import time
from pathlib import Path

from absl import logging
from tqdm import tqdm

import tfdis

_BLOCK_BYTES = 2**18
_RETRIED_STATUS = (408, 425, 429, 500, 502, 503, 504)


class DownloadError(OSError):
    """A file could not be downloaded from an address; the message says why."""


@dataclasses.dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Attributes:
        timeout_seconds: longest silence of a server, and how long it may stay slow, in seconds.
        num_attempts: number of attempts in a row that may bring nothing new.
        backoff_seconds: pause after the first failed attempt, in seconds; it doubles each time, up
            to a minute.
        least_bytes_per_second: a server that is slower, over `timeout_seconds`, counts as silent.
    """

    timeout_seconds: float = 30
    num_attempts: int = 5
    backoff_seconds: float = 1
    least_bytes_per_second: float = 1024


class _TryAgain(Exception):  # noqa: N818 - control flow, never seen outside
    """The end of an attempt after which another one may help."""


def fetch(url: str, partial: Path, num_bytes: int, resume: bool, patience: Patience) -> None:
    """Downloads a file into `partial`, which holds all of it when this returns.

    Whatever else happens, `partial` keeps what has come so far.

    Args:
        url: the http or https address.
        partial: path of the file to write.
        num_bytes: the expected size in bytes, 0 if unknown.
        resume: whether to go on from what `partial` holds already; otherwise the file is started
            anew.
        patience: how long to wait, and how often to try again.

    Raises:
        DownloadError: the server refuses, stays silent, or sends more or less than it should.
        OSError: the file cannot be written.
    """
    if not url.startswith(("http://", "https://")):
        raise DownloadError(f"Expected an http or https address. Received: {url}.")
    if not resume:
        partial.unlink(missing_ok=True)
    failures = 0
    while True:
        before = partial.stat().st_size if partial.exists() else 0
        try:
            _attempt(url, partial, num_bytes, patience)
            return
        except _TryAgain as error:
            after = partial.stat().st_size if partial.exists() else 0
            failures = 0 if after > before else failures + 1
            if failures >= patience.num_attempts:
                raise DownloadError(
                    f"{url}: {error} ({failures} attempts; {after} bytes are kept in {partial})"
                ) from error
            logging.warning("%s: %s; going on at byte %d.", url, error, after)
            time.sleep(min(60, patience.backoff_seconds * 2 ** max(0, failures - 1)))


def _attempt(url: str, partial: Path, num_bytes: int, patience: Patience) -> None:
    import requests
    import urllib3

    start = partial.stat().st_size if partial.exists() else 0
    headers = {"User-Agent": f"tfdis/{tfdis.__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    options = {"headers": headers, "stream": True, "timeout": patience.timeout_seconds}
    try:
        with requests.get(url, **options) as response:
            start, total = _start_and_total(response, url, start, partial)
            if num_bytes and total and total != num_bytes:
                raise DownloadError(
                    f"{url}: expected {num_bytes} bytes. Received: a file of {total} bytes"
                )
            if response.status_code != 416:
                _write(response.raw, partial, start, total or num_bytes, patience)
    except requests.exceptions.InvalidURL as error:
        raise DownloadError(f"{url}: {error}") from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _TryAgain(f"{type(error).__name__}: {error}") from error


def _start_and_total(response, url: str, start: int, partial: Path) -> tuple[int, int]:
    """Place in the file where the body begins, and the file's size (0 if the server does not say)."""
    length = int(response.headers.get("Content-Length") or 0)
    content_range = response.headers.get("Content-Range", "")
    # 200 also answers a request for a part: the server sends everything.
    if response.status_code == 200:
        return 0, length
    if response.status_code == 206 and content_range.startswith(f"bytes {start}-"):
        total = content_range.rpartition("/")[2]
        return start, int(total) if total.isdigit() else start + length
    if response.status_code == 416 and content_range == f"bytes */{start}":
        return start, start  # All of it is here already.
    message = f"the server answered {response.status_code} {response.reason} {content_range}"
    # The server does not have what should be resumed: start anew.
    if response.status_code in (206, 416):
        partial.unlink(missing_ok=True)
        raise _TryAgain(message)
    if response.status_code in _RETRIED_STATUS:
        raise _TryAgain(message)
    raise DownloadError(f"{url}: {message.rstrip()}")


def _write(body, partial: Path, start: int, total: int, patience: Patience) -> None:
    position, window_start, window_bytes = start, time.monotonic(), 0
    with (
        open(partial, "r+b" if partial.exists() else "wb") as file,
        tqdm(total=total or None, initial=start, unit="B", unit_scale=True) as progress,
    ):
        progress.set_description(partial.name.removesuffix(".part"))
        if shutil.disk_usage(partial.parent).free < total - start:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        file.truncate(start)
        file.seek(start)
        # Takes whatever is there, without waiting for more.
        while block := body.read1(_BLOCK_BYTES):
            file.write(block)
            position += len(block)
            window_bytes += len(block)
            progress.update(len(block))
            if total and position > total:
                file.truncate(0)
                raise _TryAgain(f"the server sent more than {total} bytes")
            seconds = time.monotonic() - window_start
            if seconds > patience.timeout_seconds:
                if window_bytes < patience.least_bytes_per_second * seconds:
                    raise _TryAgain(f"the server sent {window_bytes} bytes in {seconds:.0f} s")
                window_start, window_bytes = time.monotonic(), 0
        file.flush()
        os.fsync(file.fileno())
    if position < total:
        raise _TryAgain(f"the server sent {position} of {total} bytes")
