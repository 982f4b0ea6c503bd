"""Scores of models without labels: UDR, whose command dlib's PyPI package lacks, and seed consistency."""

import os
import time
from collections.abc import Callable, Sequence

import gin
import numpy as np

from tfdis.configuration import emptied, unlocked, unquoted, warn_of_unused
from tfdis.data import named
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.evaluation_options import parse_evaluation
from tfdis.dlib.scoring.coded_data import CodedData
from tfdis.dlib.scoring.module_codes import ModuleCodes
from tfdis.evaluation.arrays import ACTIVE_RANGE
from tfdis.evaluation.drawn_posteriors import draw_posteriors
from tfdis.evaluation.seed_consistency import seed_consistency
from tfdis.evaluation.udr import latent_kl, udr
from tfdis.export.results import bound_gin_config, parse_gin_bindings, write_results
from tfdis.export.run import Run
from tfdis.files.whole import check_vacant, written_whole


@gin.configurable(
    "udr_sklearn",
    module="tfdis.evaluation",
    denylist=["ground_truth_data", "representation_functions", "random_state"],
)
def compute_udr(
    ground_truth_data: GroundTruthData,
    representation_functions: Sequence[Callable],
    random_state: np.random.RandomState,
    batch_size: int,
    num_data_points: int,
    correlation_matrix: str = "lasso",
    filter_low_kl: bool = True,
    include_raw_correlations: bool = True,
    kl_filter_threshold: float = 0.01,
) -> dict:
    """UDR of models on images drawn from a data set; gin: `@udr_sklearn`.

    Args:
        ground_truth_data: data set that the models were trained on.
        representation_functions: one function from images to (mean, log variance) for each model.
        random_state: generator from which images are drawn, in disentanglement_lib's order.
        batch_size: number of images that are drawn at a time; it has to divide num_data_points.
        num_data_points: number of images.
        correlation_matrix: "lasso" or "spearman".
        filter_low_kl: whether only informative latents count.
        include_raw_correlations: whether the result has the correlations of all latents.
        kl_filter_threshold: least divergence of an informative latent from the prior, in nats.

    Returns:
        The result of `tfdis.evaluation.udr.udr`.

    Raises:
        ValueError: as for `udr`, or a batch_size that does not divide num_data_points.
    """
    posteriors = draw_posteriors(
        ground_truth_data,
        representation_functions,
        random_state,
        batch_size,
        num_data_points,
        "udr_sklearn",
    )
    scores = udr(
        [mean for mean, _ in posteriors],
        [latent_kl(mean, log_var) for mean, log_var in posteriors],
        correlation_matrix,
        filter_low_kl,
        kl_filter_threshold,
    )
    if not include_raw_correlations:
        del scores["raw_correlations"]
    return scores


@gin.configurable(
    "seed_consistency",
    module="tfdis.evaluation",
    denylist=["ground_truth_data", "representation_functions", "random_state"],
)
def compute_seed_consistency(
    ground_truth_data: GroundTruthData,
    representation_functions: Sequence[Callable],
    random_state: np.random.RandomState,
    batch_size: int = 10,
    num_data_points: int = 1000,
    active_range: float = ACTIVE_RANGE,
) -> dict:
    """Seed consistency of models on images drawn from a data set; gin: `@seed_consistency`.

    Args:
        ground_truth_data: data set that the models were trained on.
        representation_functions: one function from images to (mean, log variance) for each model.
        random_state: generator from which images are drawn, in the order of UDR.
        batch_size: number of images that are drawn at a time; it has to divide num_data_points.
        num_data_points: number of images.
        active_range: smallest range of an active latent, as a fraction of the model's largest.

    Returns:
        The results of `tfdis.seed_consistency`, but with `matched` and `same_place` for each model,
        means over the other models.

    Raises:
        ValueError: as for `seed_consistency`, or a batch_size that does not divide num_data_points.
    """
    posteriors = draw_posteriors(
        ground_truth_data,
        representation_functions,
        random_state,
        batch_size,
        num_data_points,
        "seed_consistency",
    )
    found = seed_consistency([mean for mean, _ in posteriors], active_range)
    pairwise = {name: found[name] for name in ("pairwise", "pairwise_same_place")}
    matched, same_place = (
        [float(np.mean(np.delete(row, number))) for number, row in enumerate(matrix)]
        for matrix in pairwise.values()
    )
    return {"matched": matched, "same_place": same_place, **pairwise}


def evaluate_models(
    model_dirs: Sequence[str],
    output_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
    keep_codes: bool = True,
) -> None:
    """Writes the UDR scores of models, or their seed consistency, in disentanglement_lib's layout of results.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        model_dirs: paths of folders with `tfhub` (signature `gaussian_encoder`) and `results`, also
            those that the old disentanglement_lib wrote.
        output_dir: path of the folder to write: `results` of the first model and of the step
            "evaluation".
        gin_config_files: paths of gin files; see `tfdis.dlib.find_config`.
        gin_bindings: further gin lines.
        overwrite: whether an existing folder is replaced, once the new one is complete.
        keep_codes: whether the posteriors of images are kept in `codes` beside each module, for
            later calls.

    Raises:
        FileExistsError: `output_dir` exists and `overwrite` is False.
        FileNotFoundError: there is no such gin file or module.
        ValueError: fewer than two models, of different data sets, or a wrong binding.
    """
    check_vacant(output_dir, overwrite)
    if len(model_dirs) < 2:
        raise ValueError(
            "UDR and seed consistency compare models: expected two or more in --model_dirs, separated by "
            f"commas. Received: {', '.join(model_dirs) or 'none'}."
        )
    started = time.time()
    runs = [Run.open(model_dir) for model_dir in model_dirs]
    outputs = ("mean", "logvar")
    models = [ModuleCodes(str(run.folder), keep_codes, "gaussian_encoder", outputs) for run in runs]
    with emptied():
        lines = [*runs[0].data_set_options, *gin_bindings]
        options = parse_evaluation(gin_config_files, lines)
        bind_data_set(runs)
        try:
            scores = options.evaluation_fn(
                _coded(named.get_named_ground_truth_data(), models),
                [_representation(model) for model in models],
                random_state=np.random.RandomState(options.random_seed),
            )
        finally:
            for model in models:
                model.keep()
        warn_of_unused()
        scores["elapsed_time"] = time.time() - started
        config = bound_gin_config()
    previous = str(runs[0].folder / "results")
    with written_whole(output_dir, overwrite) as folder:
        results_dir = os.path.join(folder, "results")
        os.makedirs(folder)
        write_results(results_dir, "evaluation", scores, config, previous)


def _coded(data: GroundTruthData, models: Sequence[ModuleCodes]) -> GroundTruthData:
    """What all models can be asked for: the data set's image indices if that holds for every one."""
    coded = [model.coded(data) for model in models]
    if all(isinstance(each, CodedData) for each in coded):
        return coded[0]
    for model in models:
        model.forget_indices()
    return data


def _representation(model: ModuleCodes) -> Callable:
    def represent(observations):
        return np.split(model.codes_of(observations), 2, axis=1)

    return represent


def bind_data_set(runs: Sequence[Run]) -> None:
    """Replaces `dataset.name = "auto"` by the data set that all models were trained on."""
    bound = parse_gin_bindings(gin.config_str()).get("dataset.name", "")
    if unquoted(bound) != "auto":
        return
    names = [run.value("dataset.name", "") for run in runs]
    if len(set(names)) > 1 or not names[0]:
        described = ", ".join(
            f"{run.folder}: {name or 'none'}" for run, name in zip(runs, names, strict=True)
        )
        raise ValueError(
            "Expected models of one data set, named in their results/gin/train.gin. Received: "
            f"{described}. Name the data set to compare them on: dataset.name = '...'."
        )
    with unlocked():
        gin.bind_parameter("dataset.name", names[0])
