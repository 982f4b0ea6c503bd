"""Places of tfdis's own gin files: the checkout, or where pip installed them."""

import functools
import sys
from pathlib import Path


@functools.cache
def search_folders() -> tuple[Path, ...]:
    """Folders below which `gin/...` lies: the checkout's root, or the installation's share folder."""
    return Path(__file__).resolve().parents[2], Path(sys.prefix) / "share" / "tfdis"
