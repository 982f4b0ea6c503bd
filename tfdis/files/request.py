"""What some files were asked for, kept beside them, so that a command can go on after a kill."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole


class Request:
    """A request for files, kept in a file beside them, and how far it has come.

    Args:
        path: file that keeps the request; it is written before the files that were asked for.
        wanted: names and values that JSON can store; requests that differ in any of them are
            different requests.
    """

    def __init__(self, path: str | os.PathLike, wanted: Mapping):
        self._path, self._wanted = Path(path), dict(wanted)
        kept = read_object(self._path) if self._path.exists() else {}
        self.was_begun = kept.get("wanted") == self._wanted
        self.files = kept["files"] if self.was_begun else []

    def note(self, files: Sequence[str] = ()) -> None:
        """Notes that the request has begun or, once there are files, that these files are all."""
        content = {"wanted": self._wanted, "files": list(files)}
        write_text_whole(self._path, json.dumps(content, indent=2, sort_keys=True))
