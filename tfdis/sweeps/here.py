"""One point without Ray, in this process, as a scheduler's array job runs it."""

import functools
import time
from collections.abc import Sequence

from tfdis.sweeps.folder import TRAIN, StudyFolder
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
