"""Scores without labels in a study, for every point of which there are others with another seed."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tfdis.dlib.configs import find_config
from tfdis.evaluation.udr_models import evaluate_models
from tfdis.export.results import write_results
from tfdis.export.run import Run
from tfdis.files.whole import written_whole
from tfdis.sweeps.check import without_numbers
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.jobs import TRAIN_JOB
from tfdis.sweeps.point import MEAN, SEED_CONSISTENCY, UDR, Point, Step
from tfdis.sweeps.reach import lines_for

# Step -> the scores of a point, and where the evaluation of all models has them.
_SCORES = {
    UDR: {"UDR": "model_scores"},
    SEED_CONSISTENCY: {"matched": "matched", "same_place": "same_place"},
}


def groups_of_seeds(points: Sequence[Point]) -> list[list[Point]]:
    """Points that are trained alike but for the seed, in groups of two or more.

    Example:
        >>> points = [Point(n, bindings=(f"model.random_seed = {n}", "a.b = 1")) for n in "123"]
        >>> [len(group) for group in groups_of_seeds([*points, Point("x")])]
        [3]
    """
    groups: dict[tuple, list[Point]] = {}
    for point in points:
        if point.job == TRAIN_JOB:
            lines = tuple(map(without_numbers, point.bindings))
            key = (point.gin_files, lines, point.needs, point.steps_as_dlib)
            groups.setdefault(key, []).append(point)
    return [group for group in groups.values() if len(group) > 1]


def add_scores_without_labels(
    folder: StudyFolder,
    points: Sequence[Point],
    keep_codes: bool = True,
    gin_bindings: Sequence[str] = (),
) -> list[str]:
    """Adds UDR and seed consistency to the trained points of every group that has some without.

    The scores of a point depend on the others: with another seed they are computed anew.

    Args:
        folder: folder of the study.
        points: the points.
        keep_codes: whether the posteriors of images are kept beside each model.
        gin_bindings: gin lines of the command, among them some for these scores.

    Returns:
        Names of the points that were scored.
    """
    scored = {}
    for group in groups_of_seeds(points):
        trained = [point for point in group if folder.is_trained(point.name)]
        for step in _SCORES:
            there = all(folder.at(point, step.output_dir).exists() for point in trained)
            if len(trained) > 1 and not there:
                _score(folder, trained, step, keep_codes, gin_bindings)
                scored |= dict.fromkeys(point.name for point in trained)
    return list(scored)


def _score(
    folder: StudyFolder,
    points: Sequence[Point],
    step: Step,
    keep_codes: bool,
    gin_bindings: Sequence[str],
) -> None:
    models = [str(folder.at(point, "model")) for point in points]
    files = [find_config(step.gin_file)]
    lines = [*step.bindings, *lines_for(step, gin_bindings)]
    with tempfile.TemporaryDirectory() as place:
        target = os.path.join(place, "scores")
        evaluate_models(models, target, files, lines, keep_codes=keep_codes)
        found = Run(Path(target)).results("evaluation")
        config = Path(target, "results", "gin", "evaluation.gin").read_text("utf-8")
    for number, point in enumerate(points):
        before = [folder.at(point, name, "results") for name in (MEAN.output_dir, "model")]
        values = {score: found[name][number] for score, name in _SCORES[step].items()}
        values["elapsed_time"] = found["elapsed_time"] / len(points)
        with written_whole(folder.at(point, step.output_dir), overwrite=True) as partial:
            os.mkdir(partial)
            previous = str(next(filter(Path.is_dir, before)))
            write_results(os.path.join(partial, "results"), "evaluation", values, config, previous)
