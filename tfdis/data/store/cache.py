"""The folder in which data sets keep what they render and convert."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """`$TFDIS_DATA`, or else `tfdis` in the platform's cache folder (Linux: `~/.cache/tfdis`)."""
    if os.environ.get("TFDIS_DATA"):
        return Path(os.environ["TFDIS_DATA"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tfdis"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "tfdis"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfdis"
