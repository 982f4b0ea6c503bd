"""Steps and seeds of disentanglement_lib's pipelines for the studies of three papers.

Their scripts, `dlib_reproduce_jmlr`, `_weakly_supervised` and `_semi_supervised`, draw all seeds from
one or two given ones; these functions draw them in the same order.

References:
    Locatello et al. (2020), "A Sober Look at the Unsupervised Learning of Disentangled
    Representations and their Evaluation", JMLR. arXiv:2010.14766.
    Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
    arXiv:2002.02886.
    Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
    arXiv:1905.01258.
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.configuration import parse_gin_bindings
from tfdis.dlib.configs import find_config
from tfdis.dlib.model_step import Step


@dataclasses.dataclass(frozen=True)
class Steps:
    """What a pipeline does, with all its seeds.

    Attributes:
        training: gin lines of the training.
        postprocessings: representations.
        metrics: scores of them.
        validations: scores on a few labelled images.
    """

    training: list[str]
    postprocessings: list[Step]
    metrics: list[Step]
    validations: list[Step] = dataclasses.field(default_factory=list)


def jmlr_steps(
    random_seed: int,
    postprocess_configs: Sequence[str],
    evaluation_configs: Sequence[str],
    num_eval: int = 1,
    scores_list: Sequence[str] = (),
    num_samples: Sequence[int] = (),
) -> Steps:
    """Scores that are computed several times, some of them with several numbers of images.

    Args:
        random_seed: seed of everything.
        postprocess_configs: gin files of the representations.
        evaluation_configs: gin files of the metrics.
        num_eval: number of times that the metrics are computed.
        scores_list: names of those gin files whose metrics have a seed of their own each time, and
            are computed for each of `num_samples`; the others have the seed of their file.
        num_samples: numbers of training images of these metrics.

    Raises:
        ValueError: `scores_list` without `num_samples`, or with a name that no file has.
    """
    names = {_name(config) for config in evaluation_configs}
    unknown = [name for name in scores_list if name not in names]
    if unknown or (scores_list and not num_samples) or num_eval < 1:
        raise ValueError(
            "Expected --scores_list of names of the gin files of --gin_evaluation_config_glob, "
            f"{', '.join(sorted(names))}, with --evaluation_num_samples_train, and --num_eval of at least "
            f"1. Received: {list(scores_list)} with {list(num_samples)}, and {num_eval}."
        )
    state = np.random.RandomState(random_seed)
    training = [f"model.random_seed = {_seed(state)}"]
    postprocessings = _postprocessings(state, postprocess_configs)
    metrics = []
    for number in range(num_eval):
        for representation in postprocessings:
            for config in sorted(evaluation_configs):
                name = _name(config)
                if name not in scores_list:
                    metrics.append(_metric(representation, config, f"{name}_{number}"))
                    continue
                for size in num_samples:
                    full = f"{name}_{size}_{number}"
                    lines = [f"{_gin_name(config)}.num_train = {int(size)}"]
                    metrics.append(_metric(representation, config, full, _seed(state), lines))
    return Steps(training, postprocessings, metrics)


def weak_steps(
    pipeline_seed: int,
    postprocess_configs: Sequence[str],
    evaluation_configs: Sequence[str],
    is_trained: bool = False,
) -> Steps:
    """Metrics that need factors, once; those of files that are called after "unsupervised" are left out.

    Args:
        pipeline_seed: seed of everything.
        postprocess_configs: gin files of the representations.
        evaluation_configs: gin files of the metrics.
        is_trained: whether the model is there already, which draws one seed less.
    """
    state = np.random.RandomState(pipeline_seed)
    training = [] if is_trained else [f"model.random_seed = {_seed(state)}"]
    postprocessings = _postprocessings(state, postprocess_configs)
    metrics = [
        _metric(representation, config, f"{_name(config)}_0", _seed(state))
        for representation in postprocessings
        for config in sorted(evaluation_configs)
        if "unsupervised" not in _name(config)
    ]
    return Steps(training, postprocessings, metrics)


@dataclasses.dataclass(frozen=True)
class Labels:
    """The labelled images of a semi-supervised pipeline.

    Attributes:
        supervised_seed: seed of the labelled images.
        num_labelled_samples: number of them.
        train_percentage: fraction of them to learn from, 0 to 1.
        labeller_fn: labeller in gin, for example `@perfect_labeller`.
    """

    supervised_seed: int
    num_labelled_samples: int
    train_percentage: float
    labeller_fn: str

    @property
    def lines(self) -> list[str]:
        """Gin lines of the training."""
        return [
            f"model.supervised_data_seed = {self.supervised_seed}",
            f"model.num_labelled_samples = {self.num_labelled_samples}",
            f"model.train_percentage = {self.train_percentage}",
            f"labeller.labeller_fn = {self.labeller_fn}",
        ]


def semi_steps(
    pipeline_seed: int,
    eval_seed: int,
    labels: Labels,
    postprocess_configs: Sequence[str],
    evaluation_configs: Sequence[str],
    validation_configs: Sequence[str] = (),
    validation_seed: int | None = None,
) -> Steps:
    """Metrics that need factors, and the same on a few labelled images.

    Args:
        pipeline_seed: seed of model, images without labels, and representations.
        eval_seed: seed of the metrics.
        labels: the labelled images.
        postprocess_configs: gin files of the representations.
        evaluation_configs: gin files of the metrics.
        validation_configs: gin files of the validation metrics.
        validation_seed: seed of the labelled images of the validations; None for
            `labels.supervised_seed`, which disentanglement_lib takes.
    """
    state = np.random.RandomState(pipeline_seed)
    training = [
        f"model.model_seed = {_seed(state)}",
        f"model.unsupervised_data_seed = {_seed(state)}",
        *labels.lines,
    ]
    postprocessings = _postprocessings(state, postprocess_configs)
    seed = labels.supervised_seed if validation_seed is None else validation_seed
    validations = [
        _validation(representation, config, seed, labels)
        for representation in postprocessings
        for config in sorted(validation_configs)
    ]
    state = np.random.RandomState(eval_seed)
    metrics = [
        _metric(representation, config, f"{_name(config)}_{labels.supervised_seed}", _seed(state))
        for representation in postprocessings
        for config in sorted(evaluation_configs)
    ]
    return Steps(training, postprocessings, metrics, validations)


def _seed(random_state) -> int:
    return random_state.randint(2**32)


def _name(config: str) -> str:
    return Path(config).stem


def _gin_name(config: str) -> str:
    """Gin name of a file's metric; disentanglement_lib takes the file's, which fails for FactorVAE's score."""
    text = Path(find_config(config)).read_text(encoding="utf-8")
    return parse_gin_bindings(text)["evaluation.evaluation_fn"].lstrip("@")


def _postprocessings(random_state, configs: Sequence[str]) -> list[Step]:
    return [
        Step(
            os.path.join("postprocessed", _name(config)),
            "model",
            config,
            (
                f"postprocess.random_seed = {_seed(random_state)}",
                f"postprocess.name = '{_name(config)}'",
            ),
        )
        for config in sorted(configs)
    ]


def _metric(
    representation: Step,
    config: str,
    name: str,
    seed: int | None = None,
    lines: Sequence[str] = (),
) -> Step:
    folder = os.path.join("metrics", Path(representation.output_dir).name, name)
    seeds = [] if seed is None else [f"evaluation.random_seed = {seed}"]
    bindings = (*lines, f"evaluation.name = '{name}'", *seeds)
    return Step(folder, representation.output_dir, config, bindings)


def _validation(representation: Step, config: str, seed: int, labels: Labels) -> Step:
    metric = f"{_name(config)}_validation"
    name = f"{metric}_{seed}_{labels.num_labelled_samples}"
    split = [f"{metric}.train_percentage = {labels.train_percentage}"]
    bindings = (
        *([] if metric == "mig_validation" else split),
        f"validation.random_seed = {seed}",
        f"validation.name = '{name}'",
        f"validation.num_labelled_samples = {labels.num_labelled_samples}",
        f"labeller.labeller_fn = {labels.labeller_fn}",
    )
    folder = os.path.join("validation", Path(representation.output_dir).name, name)
    return Step(folder, representation.output_dir, config, bindings)
