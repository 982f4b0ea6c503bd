"""What the studies of disentanglement_lib's authors share: gin files, and steps with their seeds."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from tfdis.sweeps.method_grids import SHARED_GIN
from tfdis.sweeps.point import Point, Step

POSTPROCESS_CONFIGS = "unsupervised_study_v1/postprocess_configs/*.gin"
EVALUATION_CONFIGS = "unsupervised_study_v1/metric_configs/*.gin"
VALIDATION_CONFIGS = "tests/validation/validation_test_configs/*.gin"
# Part of a path behind which the path is the same in every installation.
_CONFIG = os.path.join("disentanglement_lib", "config", "")


def step_configs() -> tuple[list[str], list[str]]:
    """Gin files of the representations and of the metrics, as they are looked up in any installation."""
    from tfdis.dlib.configs import find_configs

    return (
        [portable(path) for path in find_configs(POSTPROCESS_CONFIGS)],
        [portable(path) for path in find_configs(EVALUATION_CONFIGS)],
    )


def portable(path: str) -> str:
    """A path in the installed package as it is to be looked up in any other."""
    return os.path.normpath(path.rpartition(_CONFIG)[2])


def point_step(step: Step) -> Step:
    """A step of a model of this machine as a point has it."""
    return dataclasses.replace(step, gin_file=portable(step.gin_file))


def template(steps: Any) -> Point:
    """A point of SHARED_GIN with the seeds, representations and scores of `tfdis.dlib.paper_steps`."""
    return Point(
        name="template",
        gin_files=(SHARED_GIN,),
        bindings=tuple(steps.training),
        postprocessings=tuple(map(point_step, steps.postprocessings)),
        metrics=tuple(map(point_step, steps.metrics)),
        steps_as_dlib=True,
    )


def named(point: Point, name: str, bindings: Sequence[str]) -> Point:
    """The point with another name, and with gin lines before its own."""
    return dataclasses.replace(point, name=name, bindings=(*bindings, *point.bindings))
