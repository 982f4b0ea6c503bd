"""Points without Ray, in this process: one, as a scheduler's array job runs it, or one after the other."""

import functools
import time
from collections.abc import Sequence

from absl import logging

from tfdis.files.interruption import Interrupted
from tfdis.sweeps.folder import LOG_FILE, TRAIN, StudyFolder
from tfdis.sweeps.point import Point
from tfdis.sweeps.work import Kind, Outcome, attempt, do_steps

_BUSY_SECONDS = 10.0


def do_here(
    folder: StudyFolder,
    points: Sequence[Point],
    name: str,
    steps: Sequence[str],
    keep_codes: bool = True,
) -> Outcome:
    """Does one point of a study, after those that it needs.

    If another process is training one of these, it waits for that.

    Args:
        folder: folder of the study.
        points: all points of the study.
        name: name of the point.
        steps: kinds of steps that are wanted.
        keep_codes: whether the codes of images are kept beside each representation.

    Returns:
        How it ended; for a point that needs one that failed, how that ended.

    Raises:
        ValueError: the study has no such point.
    """
    by_name = {point.name: point for point in points}
    if name not in by_name:
        shown = ", ".join(list(by_name)[:5]) + (", ..." if len(by_name) > 5 else "")
        raise ValueError(f"Expected --point of the study's points {shown}. Received: {name}.")
    for needed in by_name[name].needs:
        while not folder.is_trained(needed):
            outcome = do_here(folder, points, needed, (TRAIN,))
            if outcome.kind in (Kind.FAILED, Kind.STOPPED):
                return outcome
            if outcome.kind is Kind.BUSY:
                time.sleep(_BUSY_SECONDS)
    return attempt(folder, by_name[name], steps, functools.partial(do_steps, keep_codes=keep_codes))


def do_all_here(
    folder: StudyFolder, points: Sequence[Point], steps: Sequence[str], keep_codes: bool = True
) -> None:
    """Does the points of a study one after the other; what is done already is left as it is.

    A point on which another process works comes again after the others.

    Args:
        folder: folder of the study.
        points: all points of the study.
        steps: kinds of steps that are wanted.
        keep_codes: whether the codes of images are kept beside each representation.

    Raises:
        RuntimeError: a point failed; those after it are not begun.
        Interrupted: a signal stopped a point, which goes on from there the next time.
    """
    left = [point.name for point in points if folder.lacks(point, steps)]
    while left:
        outcomes = (do_here(folder, points, name, steps, keep_codes) for name in left)
        left = [outcome.name for outcome in outcomes if not check_outcome(folder, outcome)]
        if left:
            time.sleep(_BUSY_SECONDS)


def check_outcome(folder: StudyFolder, outcome: Outcome) -> bool:
    """Whether an attempt has done its point; if not, another process works on it.

    Raises:
        RuntimeError: it failed.
        Interrupted: a signal stopped it.
    """
    if outcome.kind is Kind.STOPPED:
        raise Interrupted(outcome.signal, outcome.error)
    if outcome.kind is Kind.FAILED:
        log = folder.at(outcome.name, LOG_FILE)
        raise RuntimeError(f"{outcome.name} failed: {outcome.error} ({log})")
    if outcome.kind is Kind.BUSY:
        logging.warning("Another process works on %s.", outcome.name)
    return outcome.kind is Kind.DONE
