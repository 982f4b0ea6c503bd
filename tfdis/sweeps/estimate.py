"""The cost of a study: time from measured steps, and disk space from measured folders."""

import dataclasses
import itertools
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import gin
import keras

from tfdis.configuration import configured
from tfdis.dlib.train import count_as_dlib
from tfdis.export.model import export_model
from tfdis.report.scores import reference_name
from tfdis.sweeps.check import training_files
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point
from tfdis.sweeps.stand_ins import Once
from tfdis.training.train import train

_STEPS, _WARM_UP = 40, 10
_NUMBER = re.compile(r"= -?[\d.]+(e[-+]?\d+)?$")


@dataclasses.dataclass(frozen=True)
class Estimate:
    """The cost of the points of one kind, which differ in numbers alone.

    Attributes:
        what: name of the model and of its data set.
        num_points: number of points.
        updates: number of updates of the weights of one of the points.
        step_seconds: median time of an update, on the cores of one run.
        model_bytes: size of the folder of a trained model.
    """

    what: str
    num_points: int
    updates: int
    step_seconds: float
    model_bytes: int

    @property
    def seconds(self) -> float:
        """Time that all these trainings take, one after the other."""
        return self.num_points * self.updates * self.step_seconds


class _Times(keras.callbacks.Callback):
    """Notes when each update ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[tuple[int, float]] = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append((int(self.model.optimizer.iterations), time.perf_counter()))

    def step_seconds(self) -> float:
        """Median time of an update, once they have warmed up."""
        warm = [end for end in self.ends if end[0] >= _WARM_UP]
        pairs = itertools.pairwise(warm)
        return statistics.median((after - before) / (b - a) for (a, before), (b, after) in pairs)


def kinds_of(points: Sequence[Point]) -> list[list[Point]]:
    """Points in groups that differ in numbers alone, as seeds and weights of terms.

    Example:
        >>> points = [Point(n, bindings=(f"m.model = @{n}()", f"a.b = {i}")) for i, n in enumerate("xy")]
        >>> len(kinds_of([*points, Point("z", bindings=("m.model = @y()", "a.b = 0.5"))]))
        2
    """
    groups: dict[tuple, list[Point]] = {}
    for point in points:
        lines = tuple(_NUMBER.sub("", line) for line in point.bindings)
        groups.setdefault((point.gin_files, lines, point.steps_as_dlib), []).append(point)
    return list(groups.values())


def measure(points: Sequence[Point], folder: StudyFolder) -> Estimate:
    """Trains the first of some points of one kind for a few steps, in a folder that is then deleted.

    Args:
        points: the points; their data set is there.
        folder: folder of the study.
    """
    point, times = points[0], _Times()
    with (
        tempfile.TemporaryDirectory() as run,
        configured(training_files(point), folder.bindings_of(point)),
    ):
        if point.steps_as_dlib:
            count_as_dlib()
        bound = gin.get_bindings("model")
        name = reference_name(gin.config_str().partition("model.model = ")[2].partition("\n")[0])
        data_set = gin.get_bindings("dataset").get("name", "?")
        trained = train(run, training_steps=_STEPS, eval_steps=1, callbacks=[times])
        export_model(trained.model, run, overwrite=True)
        share = trained.results["updates"] / trained.results["global_step"]
        checkpoints = sum(p.stat().st_size for p in Path(run, "checkpoints").rglob("*"))
        size = sum(p.stat().st_size for p in Path(run).rglob("*") if p.is_file()) + checkpoints
    return Estimate(
        f"{name} on {data_set}",
        len(points),
        round(bound["training_steps"] * share),
        times.step_seconds(),
        size,
    )


def estimate_lines(
    estimates: Sequence[Estimate], num_parallel: int, once: Sequence[Once] = ()
) -> list[str]:
    """The cost of some kinds of points, as text.

    Args:
        estimates: one estimate for each kind.
        num_parallel: number of runs at a time.
        once: costs of what other points need.

    Example:
        >>> estimate_lines([Estimate("vae on cars3d", 20, 300_000, 0.03, 8_000_000)], 2)[0]
        'vae on cars3d: 20 models x 300,000 updates of 30.0 ms = 50.0 hours'
    """
    lines = [
        f"{e.what}: {e.num_points:,} models x {e.updates:,} updates of {1000 * e.step_seconds:.1f} ms = "
        f"{e.seconds / 3600:,.1f} hours"
        for e in estimates
    ]
    before = sum(cost.seconds for cost in once) / 3600
    hours = sum(e.seconds for e in estimates) / 3600
    disk = sum(e.num_points * e.model_bytes for e in estimates) / 1e9
    of_others = [f"{cost.what} = {cost.seconds / 3600:,.1f} hours" for cost in once]
    if once:
        of_others.append(f"before the trainings that need them: {before:,.1f} hours")
    disk += sum(cost.num_bytes for cost in once) / 1e9
    return [
        *of_others,
        *lines,
        f"training: {hours:,.1f} hours of one run, {hours / num_parallel:,.1f} hours of {num_parallel} runs at "
        "a time on this machine; starting, exporting and scoring come on top",
        f"disk: {disk:,.2f} GB for {'models and features' if once else 'the models'}",
    ]
