"""Compiles kernels with numba, and keeps the machine code for later processes.

numba notices that a kernel's own file has changed, but not that a kernel that it calls, in another file, has.
The folder of the machine code is therefore named after the contents of all files of this room.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numba
from absl import logging


def _cache_folder() -> str | None:
    """Folder for the machine code of these sources; None if nothing can be written there.

    It is below NUMBA_CACHE_DIR, if that is set, or else in the user's cache folder.
    """
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    name = f"trees-{hashlib.sha256(sources).hexdigest()[:16]}"
    try:
        caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = os.path.join(numba.config.CACHE_DIR or os.path.join(caches, "tfdis"), name)
        os.makedirs(folder, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home folder.
        logging.info("Kernels of boosted trees are compiled again in each process: %s", error)
        return None
    return folder


_FOLDER = _cache_folder()


def compiled(function: Callable) -> Callable:
    """Compiles a function when it is first called; it runs without Python's lock."""
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, _FOLDER or ""
    try:
        # numba looks up the folder when a function is decorated.
        return numba.njit(
            function,
            nogil=True,
            error_model="numpy",  # No test for division by zero.
            cache=_FOLDER is not None,
        )
    finally:
        numba.config.CACHE_DIR = before
