"""What some files were asked for, kept beside them: so that the same command goes on after a kill."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfdis.files.whole import write_text_whole


class Request:
    """A request for files, and what became of it.

    Args:
        path: file that keeps the request, written before the files that were asked for.
        wanted: names and values that JSON knows; another request is one that differs in any.
    """

    def __init__(self, path: str | os.PathLike, wanted: Mapping):
        self._path, self._wanted = Path(path), dict(wanted)
        kept = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        self.was_begun = kept.get("wanted") == self._wanted
        self.files = kept["files"] if self.was_begun else []

    def note(self, files: Sequence[str] = ()) -> None:
        """Keeps that the request was begun, or once there are files, that those are all."""
        content = {"wanted": self._wanted, "files": list(files)}
        write_text_whole(self._path, json.dumps(content, indent=2, sort_keys=True))
