"""A run's folder: made for one configuration, resumed by the same one, never touched by another."""

import contextlib
import difflib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import tfdis
from tfdis.configuration import parse_gin_bindings, resolved
from tfdis.files.folder import empty_folder, entries_of, held_folder
from tfdis.files.json_object import read_object
from tfdis.files.lock import InUseError
from tfdis.files.whole import write_text_whole
from tfdis.training.options import NAMES_WITHOUT_EFFECT

RUN_FILE = "run.json"
_RESULTS_FOLDER = Path("results") / "json"
RESULTS_FILE = _RESULTS_FOLDER / "train_results.json"
# The length of the run, which may differ between the first command and the one that resumes it.
_LENGTH = (
    "model.training_steps",
    "model.time_budget_hours",
    "finetune.epochs",
    "abstract_reasoning.num_iterations",
)
# The intervals between two rows of the log are what a plateau of the learning rate is seen by.
_PLATEAU, _INTERVAL = "model.plateau", "log_steps"


class RunFolder:
    """The folder of a run: `RunFolder(...)` checks it and writes nothing, `prepare()` marks it.

    A new or empty folder is marked with the configuration. A folder that has the same mark is
    resumed: only the length of the run (`model.training_steps`, `model.time_budget_hours`,
    `finetune.epochs`, `abstract_reasoning.num_iterations`, and macros that set nothing else) may have
    changed, and options that change no result (`OPTIONS_WITHOUT_EFFECT`, but `log_steps` of a run
    with a plateau). Anything else is refused or, with `overwrite`, replaced if it is a run at all.

    Args:
        path: path of the folder.
        config: the run's gin configuration as text.
        overwrite: whether another run that is there is deleted.
        step_name: step of the run's results, which are written last.

    Raises:
        FileExistsError: the folder holds another run and `overwrite` is False, or something else.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        config: str,
        overwrite: bool = False,
        step_name: str = "train",
    ):
        self.path = Path(path)
        self._config = config
        self._overwrite = overwrite
        self._results_file = _RESULTS_FOLDER / f"{step_name}_results.json"
        self._check()

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def is_complete(self) -> bool:
        """Whether exactly this run was trained and exported to its end."""
        return self._is_marked() and (self.path / self._results_file).exists()

    @property
    def is_new(self) -> bool:
        """Whether the folder is still empty or missing."""
        return not entries_of(self.path)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes out of the folder while the body runs; makes it if it is missing.

        Raises:
            InUseError: another process trains in the folder.
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
            (self.path / self._results_file).unlink(missing_ok=True)
        mark = {"tfdis": tfdis.__version__, "config": self._config}
        write_text_whole(self.path / RUN_FILE, json.dumps(mark, indent=2))

    def discard(self) -> None:
        """Empties the folder, for a new run that failed before its first checkpoint."""
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
        """Text on how the folder's run differs from this one; empty if it is the same run."""
        config = marked_config(self.path)
        if config is None:
            return f" (no {RUN_FILE} in it: not a run of bin/train)."
        lines = difflib.unified_diff(
            *_compared(config, self._config, left_out=_LENGTH),
            "run in the folder",
            "this command",
            lineterm="",
            n=0,
        )
        changed = [line for line in lines if not line.startswith("@@")]
        return ":\n" + "\n".join(changed) if changed else ""

    def _is_marked(self):
        """Whether the folder's run is this one, and of the same length."""
        config = marked_config(self.path)
        if config is None:
            return False
        there, wanted = _compared(config, self._config)
        return there == wanted

    def _check_is_run(self):
        if marked_config(self.path) is None and not (self.path / self._results_file).is_file():
            raise FileExistsError(
                f"--overwrite only deletes runs, and {self.path} does not look like one (it has neither "
                f"{RUN_FILE} nor {self._results_file}). Delete it yourself, or choose another --model_dir."
            )


def marked_config(path: str | os.PathLike) -> str | None:
    """The gin configuration of the run that is in a folder, as text; None if there is no run."""
    try:
        config = read_object(Path(path) / RUN_FILE).get("config")
    except (OSError, ValueError):
        return None
    return config if isinstance(config, str) else None


def _compared(*configs, left_out=()):
    """Bindings of each configuration, one on each line, except those that only set options of some names.

    Those of options that change no result are left out as well.
    """
    all_bindings = [resolved(parse_gin_bindings(config)) for config in configs]
    has_plateau = any(_PLATEAU in bindings for bindings in all_bindings)
    free = [n for n in NAMES_WITHOUT_EFFECT if not (has_plateau and n.endswith(_INTERVAL))]
    left_out = {*left_out, *free}
    # `model.training_steps = @training/epoch_steps()`: the bindings in this very scope are for it alone,
    # unless something else refers to it.
    alone = set()
    for bindings in all_bindings:
        alone.update(*(_references(bindings.get(name, "")) for name in left_out))
    for bindings in all_bindings:
        alone.difference_update(
            *(_references(value) for name, value in bindings.items() if name not in left_out)
        )
    return [
        [
            f"{name} = {value}"
            for name, value in bindings.items()
            if name not in left_out
            if "/" not in name or name.rpartition(".")[0] not in alone
        ]
        for bindings in all_bindings
    ]


def _references(value):
    return re.findall(r"@([\w./]+)", value)
