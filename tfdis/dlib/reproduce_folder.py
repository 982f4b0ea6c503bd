"""The output folder of a reproduction, made for one request and resumed by the same one only."""

import json
import os
import shutil
import uuid
from pathlib import Path

from absl import logging

from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole

REQUEST_FILE = "reproduce.json"
FOLDERS = ("model", "visualizations", "postprocessed", "validation", "metrics")


class ReproduceFolder:
    """The folder of a reproduction: the constructor checks it and writes nothing, `prepare()` makes it.

    Args:
        path: path of the folder.
        request: description of what is to be done, in JSON's types.
        overwrite: whether what another request made there is deleted.

    Raises:
        FileExistsError: the folder holds another request's work and `overwrite` is False, or
            folders of these names that no request made.
    """

    def __init__(self, path: str | os.PathLike, request: dict, overwrite: bool = False):
        self._path = Path(path)
        self._request = request
        self._overwrite = overwrite
        self._check()

    def at(self, name: str) -> str:
        """Path of something in the folder."""
        return str(self._path / name)

    def lacks(self, name: str) -> bool:
        """Whether a step has still to be done."""
        if (self._path / name).exists():
            logging.info("%s is complete.", self.at(name))
            return False
        logging.info("Making %s.", self.at(name))
        return True

    def prepare(self) -> None:
        """Makes the folder; with `overwrite`, deletes what an earlier request made in it."""
        removed = self._path / f".replaced-{uuid.uuid4().hex[:8]}"
        if self._overwrite:
            # The request is renamed first, so that a kill in between never leaves old work under the new
            # request.
            for name in self._present():
                removed.mkdir(exist_ok=True)
                os.rename(self._path / name, removed / name)
        write_text_whole(self.at(REQUEST_FILE), json.dumps(self._request, indent=2))
        shutil.rmtree(removed, ignore_errors=True)

    def _present(self):
        return [name for name in FOLDERS if (self._path / name).exists()]

    def _check(self):
        if self._path.exists() and not self._path.is_dir():
            raise FileExistsError(f"Expected a folder. Received: {self._path}, which is a file.")
        if not self._present():
            return
        made_for = self._made_for()
        if made_for is None:
            raise FileExistsError(
                f"{self._path} already holds {', '.join(self._present())}, and no {REQUEST_FILE} "
                "says that a dlib_reproduce command made them. Choose another --output_directory."
            )
        if made_for != self._request and not self._overwrite:
            keys = sorted(key for key in self._request if made_for.get(key) != self._request[key])
            raise FileExistsError(
                f"{self._path} already holds the work of another request, with another "
                f"{' and '.join(keys)}; see {REQUEST_FILE} in it. Choose another "
                "--output_directory, or pass --overwrite to delete it."
            )

    def _made_for(self):
        try:
            return read_object(self._path / REQUEST_FILE)
        except (OSError, ValueError):
            return None
