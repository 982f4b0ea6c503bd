"""One point of a study, in this process: every step that is not done yet."""

import contextlib
import dataclasses
import enum
import functools
import json
import logging
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from absl import logging as absl_logging

from tfdis.files.error_text import is_expected, to_one_line
from tfdis.files.interruption import raising_signals
from tfdis.files.lock import InUseError
from tfdis.files.log_records import is_for_the_user
from tfdis.files.whole import write_text_whole
from tfdis.report.provenance import provenance
from tfdis.report.study import VERSIONS_FILE
from tfdis.sweeps.folder import (
    DRAW,
    FAILURE_FILE,
    LOG_FILE,
    SCORE,
    TRAIN,
    StudyFolder,
)
from tfdis.sweeps.jobs import TRAIN_JOB, do_job
from tfdis.sweeps.memory import release
from tfdis.sweeps.point import Point


class Kind(enum.StrEnum):
    """The ways in which an attempt at a point ends."""

    DONE = enum.auto()
    FAILED = enum.auto()
    BUSY = enum.auto()
    STOPPED = enum.auto()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The result of one attempt at a point.

    Attributes:
        name: name of the point.
        kind: DONE; FAILED, with an error; BUSY, since another process works on it or on what it
            needs; or STOPPED by a signal.
        error: text of the error, on one line.
        seconds: duration of the attempt.
        signal: number of the signal that stopped it; 0 for none.
    """

    name: str
    kind: Kind
    error: str = ""
    seconds: float = 0.0
    signal: int = 0


def do_steps(
    folder: StudyFolder, point: Point, steps: Sequence[str], keep_codes: bool = True
) -> None:
    """Trains, represents, scores and draws a point; whatever is done already is left as it is.

    Args:
        folder: folder of the study.
        point: the point, in whose folder this process alone works.
        steps: kinds of steps that are wanted.
        keep_codes: whether the codes of images are kept beside each representation.
    """
    place = folder.at(point)
    if TRAIN in steps:
        _train(folder, point)
        release()
    if SCORE in steps:
        _score(point, place, keep_codes)
    if DRAW in steps and point.job == TRAIN_JOB:
        from tfdis.plots.run import plot_run

        plot_run(place / "model")
        release()


def _train(folder: StudyFolder, point: Point) -> None:
    from tfdis.configuration import leaving_unused_to
    from tfdis.dlib.train import train_with_gin as train_as_dlib
    from tfdis.sweeps.check import training_files
    from tfdis.sweeps.unused import note_unused

    made_by = folder.at(point, VERSIONS_FILE)
    if not made_by.exists():
        write_text_whole(made_by, json.dumps(provenance()))
    described = training_files(point), folder.bindings_of(point)
    with leaving_unused_to(functools.partial(note_unused, folder.at(point))):
        if point.steps_as_dlib:
            train_as_dlib(str(folder.at(point, "model")), False, *described)
        else:
            do_job(point.job, folder.at(point), *described)


def _score(point: Point, place: Path, keep_codes: bool) -> None:
    from tfdis.dlib.commands import evaluate_all, postprocess

    for step in point.postprocessings:
        if not (place / step.output_dir).exists():
            files = [step.gin_file] if step.gin_file else []
            postprocess(
                str(place / step.input_dir), str(place / step.output_dir), files, step.bindings
            )
            release()
        metrics = [
            (metric.gin_file, str(place / metric.output_dir), list(metric.bindings))
            for metric in point.metrics
            if metric.input_dir == step.output_dir
        ]
        if metrics:
            evaluate_all(str(place / step.output_dir), metrics, go_on=True, keep_codes=keep_codes)
            release()


def attempt(
    folder: StudyFolder,
    point: Point,
    steps: Sequence[str],
    do: Callable[[StudyFolder, Point, Sequence[str]], None] = do_steps,
) -> Outcome:
    """Does what is missing of a point, unless another process is at it; never raises an `Exception`.

    Args:
        folder: folder of the study.
        point: the point.
        steps: kinds of steps that are wanted.
        do: function that does it.

    Returns:
        How it ended. A failure is noted in the point's folder as well, with the traceback in its
        log.
    """
    started = time.monotonic()
    place = folder.at(point)
    kind, error, number = Kind.DONE, "", 0
    try:
        with raising_signals(), folder.held(point), _logged(place / LOG_FILE):
            kind, error = _attempt(folder, point, steps, do)
    except InUseError:
        kind = Kind.BUSY
    except KeyboardInterrupt as reason:
        kind, error = Kind.STOPPED, str(reason)
        number = getattr(reason, "number", signal.SIGINT)
    except OSError as reason:  # The folder itself cannot be written.
        kind, error = Kind.FAILED, to_one_line(reason)
    return Outcome(point.name, kind, error, time.monotonic() - started, number)


def _attempt(folder, point, steps, do) -> tuple[Kind, str]:
    """Does what is missing in a held folder, and notes a failure there."""
    place = folder.at(point)
    for name in point.needs:
        if not folder.is_trained(name):
            failed = folder.failure(name) is not None
            return (Kind.FAILED, f"needs {name}, which failed") if failed else (Kind.BUSY, "")
    try:
        do(folder, point, steps)
    except InUseError:
        raise
    except Exception as reason:  # noqa: BLE001 - it is noted, and the other points go on.
        text = to_one_line(reason)
        text = text if is_expected(reason) else f"{type(reason).__name__}: {text}"
        with open(place / LOG_FILE, "a", encoding="utf-8") as log:  # Not for the terminal as well.
            log.write(traceback.format_exc())
        note = {
            "error": text,
            "log": str(place / LOG_FILE),
            "at": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        write_text_whole(place / FAILURE_FILE, json.dumps(note, indent=2))
        return Kind.FAILED, text
    (place / FAILURE_FILE).unlink(missing_ok=True)
    return Kind.DONE, ""


@contextlib.contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Appends what this process logs to a file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.addFilter(is_for_the_user)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level = absl_logging.get_verbosity()
    root.addHandler(handler)
    absl_logging.set_verbosity(absl_logging.INFO)
    try:
        absl_logging.info("Process %d begins.", os.getpid())
        yield
    finally:
        absl_logging.set_verbosity(level)
        root.removeHandler(handler)
        handler.close()
