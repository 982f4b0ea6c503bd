"""What runs in a process of Ray: its surroundings are made those of the command, once, then points are done."""

import contextlib
import dataclasses
import functools
import importlib
import os
import sys
from collections.abc import Sequence

import tfdis
from tfdis.files.cores import limit_cores
from tfdis.files.error_text import to_one_line
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.memory import leave_imports_alone
from tfdis.sweeps.point import Point
from tfdis.sweeps.work import Kind, Outcome, attempt, do_steps


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """The surroundings that a process takes over from the command.

    Attributes:
        version: version of tfdis.
        working_dir: path of the folder from which relative paths start.
        gin_folders: further folders below which gin finds files.
        modules: names of the user's modules to import first.
        threads: number of cores that training and scoring compute on.
        keep_codes: whether the codes of images are kept beside each representation.
    """

    version: str
    working_dir: str
    gin_folders: tuple[str, ...]
    modules: tuple[str, ...]
    threads: int
    keep_codes: bool = True

    def enter(self) -> None:
        """Makes them those of this process, unless that was done before.

        Raises:
            RuntimeError: this process has another version of tfdis.
        """
        if tfdis.__version__ != self.version:
            raise RuntimeError(
                f"Expected tfdis {self.version} on every node of the cluster, as in the command. Received: "
                f"{tfdis.__version__} in {os.path.dirname(tfdis.__file__)}. Fix: install one version."
            )
        if os.path.isdir(self.working_dir):
            os.chdir(self.working_dir)
            if self.working_dir not in sys.path:
                sys.path.append(self.working_dir)
        import gin

        from tfdis.sweeps.check import load_names
        from tfdis.training.runtime import Runtime

        # Set for the process, not bound in gin: it makes no other configuration of a run.
        Runtime(threads=self.threads).limit_threads()
        limit_cores(self.threads)
        load_names()
        for folder in self.gin_folders:
            gin.add_config_file_search_path(folder)
        for name in self.modules:
            importlib.import_module(name)
        leave_imports_alone()


_ENTERED: set[Surroundings] = set()


def _enter_once(surroundings: Surroundings) -> None:
    if surroundings not in _ENTERED:
        surroundings.enter()
        _ENTERED.add(surroundings)


def get_ready(surroundings: Surroundings) -> None:
    """Imports in a process of Ray what its points will need; what is wrong, the first of them reports."""
    with contextlib.suppress(Exception):
        _enter_once(surroundings)


def work(
    surroundings: Surroundings, path: str, point: Point, steps: Sequence[str], *needed: Outcome
) -> Outcome:
    """Does a point in a process of Ray.

    Args:
        surroundings: surroundings that the process takes over from the command.
        path: path of the study's folder.
        point: the point.
        steps: kinds of steps that are wanted.
        *needed: outcomes of points that it needs; Ray starts it after these.
    """
    del needed
    try:
        _enter_once(surroundings)
    except Exception as error:  # noqa: BLE001 - the command reports it.
        return Outcome(point.name, Kind.FAILED, to_one_line(error))
    do = functools.partial(do_steps, keep_codes=surroundings.keep_codes)
    return attempt(StudyFolder(path), point, steps, do)
