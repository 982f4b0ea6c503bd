"""A run's folder: made for one configuration, resumed by the same one, never touched by another."""

import contextlib
import difflib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import tfdis
from tfdis.files.folder import empty_folder, entries_of, held_folder
from tfdis.files.lock import InUseError
from tfdis.files.whole import write_text_whole

RUN_FILE = "run.json"
RESULTS_FILE = Path("results") / "json" / "train_results.json"
# Bindings that may differ between the first command and the one that resumes it: the length of the run,
# and what says how fast it is.
_LENGTH = ("model.training_steps", "finetune.epochs")
_SPEED = ("runtime.threads", "model.threads", "finetune.threads")


class RunFolder:
    """The folder of a run: `RunFolder(...)` checks it and writes nothing, `prepare()` marks it.

    A new or empty folder is marked with the configuration. A folder that has the same mark is resumed
    (only the length of the run may have changed: `model.training_steps`, `finetune.epochs`; and the
    number of threads). Anything else is refused, or with `overwrite` replaced if it is a run at all.

    Args:
      path: the folder.
      config: the run's gin configuration as text.
      overwrite: whether to delete another run that is there.

    Raises:
      FileExistsError: the folder holds another run and `overwrite` is False, or something else.
    """

    def __init__(self, path: str | os.PathLike, config: str, overwrite: bool = False):
        self.path = Path(path)
        self._config = config
        self._overwrite = overwrite
        self._check()

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def is_complete(self) -> bool:
        """Whether exactly this run was trained and exported to its end."""
        return self._is_marked() and (self.path / RESULTS_FILE).exists()

    @property
    def is_new(self) -> bool:
        """Whether there is nothing yet in the folder."""
        return not entries_of(self.path)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes out of the folder while the body runs; makes it if it is missing.

        Raises:
          InUseError: another process trains there.
          FileExistsError: the folder was filled with something else meanwhile.
          OSError: the folder cannot be made or written.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(held_folder(self.path))
            except InUseError:
                raise
            except OSError as error:
                raise OSError(
                    f"Expected a folder that can be written for the run. Received: {self.path} "
                    f"({error.strerror}). Choose another --model_dir or change its permissions."
                ) from error
            self._check()
            yield

    def prepare(self) -> None:
        """Marks the folder, which is held; deletes another run in it if `overwrite` was given."""
        if self._overwrite:
            empty_folder(self.path, last=RUN_FILE)
        if not self._is_marked():
            # The number of steps has changed: what was complete is not any more.
            (self.path / RESULTS_FILE).unlink(missing_ok=True)
        mark = {"tfdis": tfdis.__version__, "config": self._config}
        write_text_whole(self.path / RUN_FILE, json.dumps(mark, indent=2))

    def discard(self) -> None:
        """Empties the folder; for a new run that failed before its first checkpoint."""
        empty_folder(self.path, last=RUN_FILE)

    def _check(self):
        if self.path.exists() and not self.path.is_dir():
            raise FileExistsError(
                f"Expected a folder for the run. Received: {self.path}, which is a file. Choose "
                "another --model_dir."
            )
        if self.is_new:
            return
        if self._overwrite:
            self._check_is_run()
            return
        difference = self._difference()
        if difference:
            raise FileExistsError(
                f"{self.path} already holds something else{difference}\nChoose another folder, or "
                "pass --overwrite to delete this run and start again."
            )

    def _difference(self):
        """Says how the folder's run differs from this one; empty if it is the same run."""
        config = marked_config(self.path)
        if config is None:
            return f" (no {RUN_FILE} in it: not a run of bin/train)."
        lines = difflib.unified_diff(
            _bindings(config, _LENGTH + _SPEED),
            _bindings(self._config, _LENGTH + _SPEED),
            "run in the folder",
            "this command",
            lineterm="",
            n=0,
        )
        changed = [line for line in lines if not line.startswith("@@")]
        return ":\n" + "\n".join(changed) if changed else ""

    def _is_marked(self):
        """Whether the folder's run is this one, and as long."""
        config = marked_config(self.path)
        return config is not None and _bindings(config, _SPEED) == _bindings(self._config, _SPEED)

    def _check_is_run(self):
        if marked_config(self.path) is None and not (self.path / RESULTS_FILE).is_file():
            raise FileExistsError(
                f"--overwrite only deletes runs, and {self.path} does not look like one (it has neither "
                f"{RUN_FILE} nor {RESULTS_FILE}). Delete it yourself, or choose another --model_dir."
            )


def marked_config(path: str | os.PathLike) -> str | None:
    """The gin configuration of the run that is in a folder, as text; None if there is no run."""
    try:
        mark = json.loads((Path(path) / RUN_FILE).read_text())
    except (OSError, ValueError):
        return None
    config = mark.get("config") if isinstance(mark, dict) else None
    return config if isinstance(config, str) else None


def _bindings(config, left_out):
    """The bindings of a configuration, one on a line, without comments and without those of some names."""
    lines = [line.strip() for line in config.splitlines()]
    return [
        line
        for line in lines
        if line and not line.startswith("#") and line.partition(" = ")[0] not in left_out
    ]
