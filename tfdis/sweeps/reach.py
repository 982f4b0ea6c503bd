"""Gin lines of a command that its metrics use and not the trainings: `dci.num_train = 2000`."""

import dataclasses
import functools
import re
from collections.abc import Sequence
from pathlib import Path

from tfdis.configuration import parse_gin_bindings
from tfdis.dlib.configs import find_config
from tfdis.sweeps.point import Point, Step

_REFERENCE = re.compile(r"[@%]([\w./]+)")
# Every step names it, and takes the one of the training.
_OF_TRAINING = {"dataset"}


def lines_for(step: Step, lines: Sequence[str]) -> tuple[str, ...]:
    """The lines that bind options of what a step's own gin file and lines bind or refer to.

    Example:
        >>> step = Step("metrics/mean/r2", "r", bindings=("evaluation.evaluation_fn = @r2",))
        >>> lines_for(step, ["r2.num_train = 9", "dci.num_train = 9", "evaluation.random_seed = 1"])
        ('r2.num_train = 9', 'evaluation.random_seed = 1')
    """
    named = _named_by(step)
    return tuple(line for line in lines if _function(line.partition("=")[0].strip()) in named)


def with_lines_moved(point: Point, lines: Sequence[str], further: Sequence[Step] = ()) -> Point:
    """A point whose steps have the lines that are for them, which are not the training's then.

    So a score can be added later, with lines of its own, without another training. The value of a macro
    goes to both, since what it is for is not known before gin reads it.

    Args:
        point: the point, with lines of the command among its bindings.
        lines: gin lines of the command.
        further: steps of the study that get their lines otherwise.
    """
    own = [line for line in point.bindings if line in lines]
    moved = {line for step in further for line in lines_for(step, own)}

    def with_its_lines(step: Step) -> Step:
        found = lines_for(step, own)
        moved.update(found)
        return dataclasses.replace(step, bindings=(*step.bindings, *found))

    postprocessings = tuple(map(with_its_lines, point.postprocessings))
    metrics = tuple(map(with_its_lines, point.metrics))
    return dataclasses.replace(
        point,
        bindings=tuple(line for line in point.bindings if line not in moved or _is_macro(line)),
        postprocessings=postprocessings,
        metrics=metrics,
    )


@functools.cache
def _named_by(step: Step) -> set[str]:
    """Names of the functions and macros that a step binds or refers to."""
    text = Path(find_config(step.gin_file)).read_text("utf-8") if step.gin_file else ""
    bindings = parse_gin_bindings("\n".join([text, *step.bindings]))
    names = {_function(name) for name in bindings}
    for value in bindings.values():
        names |= {_function(f"{name}.") for name in _REFERENCE.findall(value)}
    return names - _OF_TRAINING


def _is_macro(line: str) -> bool:
    return "." not in line.partition("=")[0]


def _function(name: str) -> str:
    """Name of the function, or of the macro, in the name of a binding.

    Example:
        >>> _function("scope/tfdis.evaluation.r2.num_train"), _function("NUM_TRAIN")
        ('r2', 'NUM_TRAIN')
    """
    return name.rpartition("/")[2].split(".")[-2:][0]
