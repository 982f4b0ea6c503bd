"""Finds wrong names and missing data sets before a study starts, and makes its data sets once."""

import re
from collections.abc import Iterable, Sequence

import gin

from tfdis import registry
from tfdis.configuration import configured
from tfdis.data import named
from tfdis.dlib.configs import find_config
from tfdis.dlib.studies import load_gin_names
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.jobs import FINETUNE_JOB
from tfdis.sweeps.point import Point, Step

# Lines that differ in every point, and that are right if one of them is.
_NUMBERS = re.compile(r"model\.(random_seed|model_num) = \d+")


def without_numbers(line: str) -> str:
    """A gin line; an empty text for one that only gives a run its number or its seed."""
    return _NUMBERS.sub("", line)


def load_names() -> None:
    """Lets gin know everything that a training, a postprocessing or a metric may bind."""
    load_gin_names()
    registry.load("tfdis.runs", "tfdis.evaluation")


def check_points(points: Iterable[Point], folder: StudyFolder) -> None:
    """Parses every different gin line of a study once, as its training or its step will.

    The data sets are read, too: one that is to be rendered or converted first is then there for all.
    Features that other points extract are left out.

    Args:
        points: the points.
        folder: folder of the study.

    Raises:
        ValueError: a wrong name or value.
        OSError: a gin file or a data set is not there.
    """
    load_names()
    seen: set = set()
    for point in points:
        lines = {*point.gin_files, *map(without_numbers, point.bindings)}
        if not lines <= seen:
            seen |= lines
            with configured(training_files(point), folder.bindings_of(point)):
                for name in _data_sets(point):
                    named.get_named_ground_truth_data(*name)
        for step in (*point.postprocessings, *point.metrics):
            if step not in seen:
                seen.add(step)
                _check_step(step)


def _data_sets(point: Point) -> list[tuple[str, ...]]:
    """Arguments that build the data sets of a point, whose configuration is active; none that others make."""
    if point.job == FINETUNE_JOB:
        return [(name,) for name in gin.get_bindings("finetune")["data_sets"]]
    is_made = point.needs and gin.get_bindings("dataset").get("name") == "features"
    return [] if is_made else [()]


def training_files(point: Point) -> list[str]:
    """Paths of the gin files of a point's training."""
    return [find_config(path) if point.steps_as_dlib else path for path in point.gin_files]


def _check_step(step: Step) -> None:
    with configured([find_config(step.gin_file)] if step.gin_file else [], step.bindings):
        pass


def check_macros(
    names: Sequence[str], gin_files: Sequence[str], gin_bindings: Sequence[str]
) -> None:
    """Refuses macros that no gin file knows; gin itself takes them for new ones.

    Args:
        names: names that a grid binds; those with a dot are left to gin.
        gin_files: gin files of the training.
        gin_bindings: further gin lines.

    Raises:
        ValueError: a name without a dot that nothing else binds.
    """
    load_names()
    with configured(gin_files, gin_bindings):
        for name in names:
            if "." in name:
                continue
            try:
                gin.query_parameter(f"%{name}")
            except ValueError as error:
                raise ValueError(
                    f"Expected --grid over a gin name, or a macro of {', '.join(gin_files)}. Received: "
                    f"{name}, which is neither."
                ) from error
