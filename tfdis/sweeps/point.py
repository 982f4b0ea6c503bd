"""One point of a study: a model to train, its representations, and the metrics that score them."""

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from tfdis.dlib.model_step import Step

# Text in a binding that stands for the folder in which every point of the study has its own.
POINTS = "{points}"
_NAME = re.compile(r"[\w=+,@-][\w.=+,@-]*")
_KINDS = ("postprocessings", "metrics")
_MEAN = "unsupervised_study_v1/postprocess_configs/mean.gin"


# What `bin/evaluate` computes where there is no representation yet.
MEAN = Step("postprocessed/mean", "model", _MEAN)
# What `bin/study --udr` adds to points of which there are others with another seed.
UDR = Step(
    "metrics/mean/udr",
    MEAN.output_dir,
    "tests/methods/udr/udr.gin",
    ("udr_sklearn.include_raw_correlations = False",),
)
SEED_CONSISTENCY = Step(
    "metrics/mean/seed_consistency", MEAN.output_dir, "gin/eval/models/seed_consistency.gin"
)


@dataclasses.dataclass(frozen=True)
class Point:
    """One model of a study and everything that is computed with it.

    Attributes:
        name: name of the point and of its folder, unique in the study.
        gin_files: paths of gin files that describe the training.
        bindings: gin lines of the training, applied after the files. `{points}` in them stands for
            the folder of all points: `WARM_START = '{points}/pretrained/model'`.
        postprocessings: representations to compute of the trained model.
        metrics: scores to compute of the representations.
        needs: names of the points that have to be trained first.
        steps_as_dlib: whether steps count as in disentanglement_lib, see `tfdis.dlib.train`.
        job: what the gin files describe, one of `tfdis.sweeps.jobs.JOBS`: "train", "finetune" or
            "extract". What the last two make is in `{points}/<name>/finetuned` and `.../features`.
    """

    name: str
    gin_files: tuple[str, ...] = ()
    bindings: tuple[str, ...] = ()
    postprocessings: tuple[Step, ...] = ()
    metrics: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    steps_as_dlib: bool = False
    job: str = "train"

    @property
    def training(self) -> tuple:
        """What the trained model depends on: two points that share it train the same model."""
        return self.gin_files, self.bindings, self.needs, self.steps_as_dlib, self.job

    def with_metrics(self, names: Sequence[str], gin_bindings: Sequence[str] = ()) -> Self:
        """The same point, scored with further metrics on the mean representation.

        Args:
            names: names of metrics, or "all".
            gin_bindings: gin lines for every one of these metrics.

        Raises:
            ValueError: there is no such metric.
        """
        from tfdis.evaluation.chosen import metrics_by_name

        there = {step.output_dir for step in self.metrics}
        found = metrics_by_name(names, "metrics/mean", gin_bindings=gin_bindings)
        added = [
            Step(folder, MEAN.output_dir, gin_file, tuple(bindings))
            for gin_file, folder, bindings in found
            if folder not in there
        ]
        representations = self.postprocessings
        if added and MEAN.output_dir not in {step.output_dir for step in representations}:
            representations = (*representations, MEAN)
        return dataclasses.replace(
            self, postprocessings=representations, metrics=(*self.metrics, *added)
        )


def points_to_json(points: Sequence[Point]) -> dict[str, Any]:
    """Points in JSON's types; a step that many points share is written once."""
    numbers: dict[Step, int] = {}

    def written(point: Point) -> dict[str, Any]:
        content = {field.name: getattr(point, field.name) for field in dataclasses.fields(point)}
        for kind in _KINDS:
            content[kind] = [numbers.setdefault(step, len(numbers)) for step in content[kind]]
        return content

    found = [written(point) for point in points]
    return {"steps": [dataclasses.asdict(step) for step in numbers], "points": found}


def points_from_json(content: Mapping[str, Any]) -> list[Point]:
    """The points that `points_to_json` described.

    Raises:
        KeyError, IndexError, TypeError: the content describes no points.
    """
    steps = [Step(**_with_tuples(step)) for step in content["steps"]]
    points = []
    for described in map(_with_tuples, content["points"]):
        for kind in _KINDS:
            described[kind] = tuple(steps[number] for number in described[kind])
        points.append(Point(**described))
    return points


def _with_tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }


def checked_points(points: Iterable[Point]) -> list[Point]:
    """The points of a study, those that others need before the others.

    Raises:
        ValueError: there are none, two have the same name, a name is no name of a folder, or a
            point needs one that is not there or that needs it in turn.

    Example:
        >>> [point.name for point in checked_points([Point("b", needs=("a",)), Point("a")])]
        ['a', 'b']
    """
    by_name: dict[str, Point] = {}
    for point in points:
        if not _NAME.fullmatch(point.name) or len(os.fsencode(point.name)) > 200:
            raise ValueError(
                "Expected names of points of letters, digits and any of . = + , @ _ -, at most 200 of them. "
                f"Received: {point.name!r}."
            )
        if point.name in by_name:
            raise ValueError(
                "Expected points of different names, each of which has a folder of its own. Received: two "
                f"points called {point.name!r}."
            )
        by_name[point.name] = point
    if not by_name:
        raise ValueError("Expected a study of at least one point. Received: none.")
    return _in_order(by_name)


def _in_order(by_name: dict[str, Point]) -> list[Point]:
    """Points after all that they need."""
    ordered: dict[str, Point] = {}

    def add(point: Point, path: tuple[str, ...]) -> None:
        if point.name in path:
            raise ValueError(
                "Expected points that do not need one another in a circle. Received: "
                f"{' needs '.join((*path, point.name))}."
            )
        for name in point.needs:
            if name not in by_name:
                raise ValueError(
                    f"Expected {point.name} to need points of its study. Received: {name!r}, which is "
                    "none of them."
                )
            add(by_name[name], (*path, point.name))
        ordered.setdefault(point.name, point)

    for point in by_name.values():
        add(point, ())
    return list(ordered.values())
