"""Selection among trained models by a score on a few labelled images, the same for all of them."""

import json
import math
import os
import time
from collections.abc import Sequence

import numpy as np
from absl import logging

from tfdis.configuration import emptied, warn_of_unused
from tfdis.data import named
from tfdis.data.streams.labelled_points import LabelledPoints, sample_labelled_points
from tfdis.dlib.scoring.metric_needs import NotComputableError, explaining_scikit_learn
from tfdis.dlib.scoring.module_codes import ModuleCodes
from tfdis.dlib.validation_options import ValidationOptions, parse_validation
from tfdis.evaluation.udr_models import bind_data_set
from tfdis.export.results import bound_gin_config, write_results
from tfdis.export.run import Run
from tfdis.files.whole import check_vacant, written_whole
from tfdis.training.supervision import POINTS_FILE

RANKING_FILE = "ranking.json"
# The score that models are ranked by: the first of these that a metric has.
_RANKED_BY = ("discrete_mig", "SAP_score", "disentanglement")


def validate_models(
    input_dirs: Sequence[str],
    output_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> list[dict]:
    """Scores representations on one set of labelled images, and ranks them.

    The images are drawn and labelled as disentanglement_lib's `validate` does it. Images that a model
    has learned the labels of are left out, for all models. The gin configuration of this process plays
    no part, and is left as it was.

    Args:
        input_dirs: paths of folders of representations (`<run>/postprocessed/mean`), with `tfhub`
            and `results`.
        output_dir: path of the folder to write: `ranking.json`, and for each representation, by its
            number, `results` with the step "validation".
        gin_config_files: gin files with `validation.validation_fn`; see `tfdis.dlib.find_config`.
        gin_bindings: further gin lines.
        overwrite: whether an existing folder is replaced, once the new one is complete.

    Returns:
        The best first: dictionaries of `input_dir`, `score` and `scores`, all of the metric's.

    Raises:
        FileExistsError: `output_dir` exists and `overwrite` is False.
        FileNotFoundError: there is no such gin file, module or run.
        NotComputableError: the metric has no value for a representation.
        ValueError: no representation, some of different data sets, a wrong binding, or labelled
            images that a model learned from.
    """
    check_vacant(output_dir, overwrite)
    if not input_dirs:
        raise ValueError("Expected at least one folder of a representation. Received none.")
    runs = [Run.open(folder) for folder in input_dirs]
    with emptied():
        options = parse_validation(gin_config_files, [*runs[0].data_set_options, *gin_bindings])
        bind_data_set(runs)
        points = _unseen_points(runs, options)
        results = [_validate(run, points, options) for run in runs]
        warn_of_unused()
        config = bound_gin_config()
    ranking = _ranked([str(folder) for folder in input_dirs], results)
    with written_whole(output_dir, overwrite) as folder:
        os.makedirs(folder)
        for number, (run, scores) in enumerate(zip(runs, results, strict=True)):
            results_dir = os.path.join(folder, str(number), "results")
            os.makedirs(os.path.dirname(results_dir))
            previous = str(run.folder / "results")
            write_results(results_dir, "validation", scores, config, previous)
        with open(os.path.join(folder, RANKING_FILE), "w", encoding="utf-8") as file:
            json.dump(ranking, file, indent=2)
    return ranking


def _unseen_points(runs: Sequence[Run], options: ValidationOptions) -> LabelledPoints:
    """The labelled images, without those that one of the models learned the labels of."""
    data = named.get_named_ground_truth_data()
    points = sample_labelled_points(data, options.num_labelled_samples, options.random_seed)
    learned = set()
    for run in runs:
        path = run.folder / POINTS_FILE
        if not path.is_file():
            continue
        with np.load(path, allow_pickle=False) as saved:
            seed, factors = int(saved["seed"]), saved["factors"][: int(saved["num_training"])]
        if seed == options.random_seed:
            raise ValueError(
                "Expected labelled images for validation that no model learned from. Received: "
                f"validation.random_seed = {seed}, the seed of those that {run.folder} learned from, so "
                "that they are the same. Fix: another validation.random_seed."
            )
        learned |= {tuple(row) for row in factors.tolist()}
    is_new = np.array([tuple(row) not in learned for row in points.factors.tolist()])
    if not is_new.any():
        raise ValueError(
            "Expected labelled images for validation that no model learned from. Received: "
            f"{len(points)}, of which there is none. Fix: more of them, validation.num_labelled_samples."
        )
    if not is_new.all():
        logging.warning(
            "%d of %d labelled images are left out, since a model learned from them.",
            np.count_nonzero(~is_new),
            len(points),
        )
    return points.at(is_new)


def _validate(run: Run, points: LabelledPoints, options: ValidationOptions) -> dict:
    """The scores of one representation."""
    started = time.time()
    codes = ModuleCodes(str(run.folder), keep=False)
    is_uint8 = points.images.dtype == np.uint8
    images = points.images.astype(np.float32) / 255 if is_uint8 else points.images
    with explaining_scikit_learn():
        scores = dict(options.validation_fn(images, points.labels.T, codes.codes_of))
    return scores | {"elapsed_time": time.time() - started}


def _ranked(input_dirs: Sequence[str], results: Sequence[dict]) -> list[dict]:
    numbers = [
        {key: float(value) for key, value in scores.items() if np.ndim(value) == 0}
        for scores in results
    ]
    known = [name for name in _RANKED_BY if name in numbers[0]]
    name = (known or [key for key in numbers[0] if key != "elapsed_time"])[0]
    for folder, scores in zip(input_dirs, numbers, strict=True):
        if not math.isfinite(scores[name]):
            raise NotComputableError(f"Expected a number for {name} of {folder}. Received: NaN.")
    ranking = [
        {"input_dir": folder, "score": scores[name], "ranked_by": name, "scores": scores}
        for folder, scores in zip(input_dirs, numbers, strict=True)
    ]
    return sorted(ranking, key=lambda row: -row["score"])
