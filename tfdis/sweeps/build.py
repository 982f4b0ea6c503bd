"""The points that a command describes: a registered study, or gin files and a grid."""

import dataclasses
import inspect
from collections.abc import Iterable, Sequence

from tfdis.registry import STUDIES
from tfdis.sweeps.grid import grid_points, parse_axis
from tfdis.sweeps.point import Point, Step, checked_points
from tfdis.sweeps.reach import with_lines_moved


def study_points(
    study: str,
    gin_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    **numbers: Sequence[int] | None,
) -> Iterable[Point]:
    """The points of a registered study.

    Args:
        study: name of the study.
        gin_files: gin files, for a study that takes some.
        gin_bindings: further gin lines of every training. A study that takes gin lines puts them
            where they belong by itself.
        **numbers: `seeds` and `models`, if they were given, otherwise None.

    Raises:
        ValueError: there is no such study, or it has no `seeds` or `models` to choose from, or takes no
            gin files.
    """
    builder = STUDIES.find(study)
    taken = inspect.signature(builder).parameters
    given = {name: value for name, value in numbers.items() if value is not None}
    for name in given:
        if name not in taken:
            others = [f"--{other}" for other in numbers if other in taken] or ["no such flag"]
            raise ValueError(
                f"Expected flags that the study {study} has: {' and '.join(others)}. Received: --{name}."
            )
    if gin_files and "gin_files" not in taken:
        raise ValueError(
            f"Expected either --study={study}, which says what to run, or --gin_file. Received: both, "
            f"with {gin_files[0]}. Fix: override lines of all points by --gin_bindings."
        )
    lines = {"gin_files": gin_files, "gin_bindings": gin_bindings}
    given |= {name: value for name, value in lines.items() if name in taken}
    if "gin_bindings" in taken:
        yield from builder(**given)
        return
    for point in builder(**given):
        yield dataclasses.replace(point, bindings=(*point.bindings, *gin_bindings))


def build_points(
    study: str | None = None,
    gin_files: Sequence[str] = (),
    axes: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    metrics: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    models: Sequence[int] | None = None,
    further: Sequence[Step] = (),
) -> list[Point]:
    """The points that are asked for, those that others need before the others.

    Args:
        study: name of a registered study; None for `gin_files` and `axes`.
        gin_files: gin files of every training.
        axes: `name=values` of each dimension of a grid; see `parse_axis`.
        gin_bindings: further gin lines, each of every training or of the metrics that name what it
            binds; see `with_lines_moved`.
        metrics: names of metrics to compute besides those of the study.
        seeds: numbers of seeds of the study, or of a further dimension `model.random_seed`.
        models: numbers of models of the study.
        further: steps that no point has, and whose lines are given to them otherwise.

    Raises:
        ValueError: neither a study nor gin files, or both where the study takes none; or a wrong one of
            them.
    """
    if (study is None and not gin_files) or (study is not None and axes):
        raise ValueError(
            "Expected either --study, or --gin_file and as many --grid as wanted. Received: "
            f"--study={study}, {len(gin_files)} gin files and {len(axes)} grids."
        )
    if study is not None:
        points = study_points(study, gin_files, gin_bindings, seeds=seeds, models=models)
    elif models is not None:
        raise ValueError("Expected --models with a --study that has numbers. Received: --gin_file.")
    else:
        numbers = "" if seeds is None else f"model.random_seed={','.join(map(str, seeds))}"
        points = grid_points(gin_files, [*axes, *([numbers] if numbers else [])], gin_bindings)
    if metrics:
        points = (point.with_metrics(metrics) for point in points)
    lines = [*gin_bindings, *(line for axis in axes for line in parse_axis(axis))]
    if lines:
        points = (with_lines_moved(point, lines, further) for point in points)
    return checked_points(points)
