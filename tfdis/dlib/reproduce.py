"""A model of one of disentanglement_lib's studies: trained, drawn, postprocessed and scored."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from absl import logging

from tfdis import registry
from tfdis.configuration import configured
from tfdis.data import named
from tfdis.dlib.commands import evaluate_all, postprocess
from tfdis.dlib.reproduce_folder import ReproduceFolder
from tfdis.dlib.stack.importing import install
from tfdis.dlib.train import train_with_gin
from tfdis.dlib.visualize_model import visualize_model

# The study "test" names these networks.
registry.load("tfdis.dlib.stack.linear_networks")


@dataclasses.dataclass(frozen=True)
class Step:
    """One postprocessing or one metric.

    Attributes:
        input_dir: path of the folder that it reads, below the output folder.
        output_dir: path of the folder that it writes, below the output folder.
        config: path of its gin file.
        bindings: further gin lines, including its random seed.
    """

    input_dir: str
    output_dir: str
    config: str
    bindings: list[str]


def find_study(name: str) -> Any:
    """One of disentanglement_lib's own study objects.

    Raises:
        ValueError: there is no such study; the message lists the studies.
    """
    install()
    from disentanglement_lib.config import reproduce as dlib_reproduce

    studies = dlib_reproduce.STUDIES
    if name not in studies:
        raise ValueError(
            "Expected a study of disentanglement_lib 1.5 that trains unsupervised models, one of "
            f"{', '.join(sorted(studies))}. Received: {name!r}."
        )
    return studies[name]


def model_config(study: Any, model_num: int) -> tuple[list[str], str]:
    """Gin lines and gin file of one model of a study, in disentanglement_lib's order.

    Raises:
        ValueError: the study has no model of that number.
    """
    try:
        bindings, file = study.get_model_config(model_num) if model_num >= 0 else (None, None)
    except IndexError:
        bindings, file = None, None
    if file is None:
        raise ValueError(f"Expected --model_num of a model of the study. Received: {model_num}.")
    own = [f"model.name = '{Path(file).stem}'", f"model.model_num = {model_num}"]
    return [*own, *bindings], file


def steps_of(study: Any) -> tuple[list[Step], list[Step]]:
    """Postprocessings and metrics of a study with the seeds that disentanglement_lib gives them.

    All seeds are drawn whether or not a step is done already: `RandomState(0)`, first one for every
    postprocessing, then one for every metric on every postprocessing.
    """
    random_state = np.random.RandomState(0)

    def step(kind, input_dir, output_dir, config):
        seed = random_state.randint(2**32)
        bindings = [f"{kind}.random_seed = {seed}", f"{kind}.name = '{Path(config).stem}'"]
        return Step(input_dir, output_dir, config, bindings)

    configs = sorted(study.get_postprocess_config_files())
    folders = [os.path.join("postprocessed", Path(config).stem) for config in configs]
    postprocessings = [
        step("postprocess", "model", folder, config)
        for folder, config in zip(folders, configs, strict=True)
    ]
    metrics = [
        step(
            "evaluation",
            folder,
            os.path.join("metrics", Path(folder).name, Path(config).stem),
            config,
        )
        for folder in folders
        for config in sorted(study.get_eval_config_files())
    ]
    return postprocessings, metrics


def reproduce(
    study: Any,
    output_dir: str,
    model_num: int = 0,
    model_dir: str | None = None,
    overwrite: bool = False,
    gin_bindings: Sequence[str] = (),
    evaluation_bindings: Sequence[str] = (),
    keep_codes: bool = True,
) -> None:
    """Does all that disentanglement_lib's `dlib_reproduce` does with a model of a study.

    Writes `model`, `visualizations`, `postprocessed/<p>` and `metrics/<p>/<m>`. Every folder
    appears whole; started again with the same arguments, it does not repeat what is complete. The
    gin configuration of this process is cleared.

    Args:
        study: one of disentanglement_lib's study objects; see `find_study`.
        output_dir: path of the folder to write.
        model_num: number of the model in the study.
        model_dir: path of a trained model to use instead of training one.
        overwrite: whether what an earlier call wrote to the folder is deleted.
        gin_bindings: gin lines that override the model's.
        evaluation_bindings: gin lines that override the metrics'.
        keep_codes: whether codes are kept in `postprocessed/<p>/codes`, for later commands.

    Raises:
        FileExistsError: the folder holds something else.
        ValueError: no such model, or a wrong binding; nothing was written then.

    Example:
        >>> study = find_study("unsupervised_study_v1")
        >>> reproduce(study, "output", model_num=600)  # doctest: +SKIP
    """
    install()
    bindings, file = model_config(study, model_num)
    bindings = [*bindings, *gin_bindings]
    postprocessings, metrics = steps_of(study)
    if model_dir is None:
        _check_training(file, bindings)
    for step in metrics:
        _check_evaluation(step, evaluation_bindings)
    folder = ReproduceFolder(
        output_dir,
        {
            "model": model_dir or [file, *bindings],
            "evaluation": [*evaluation_bindings],
            "steps": [[step.output_dir, *step.bindings] for step in (*postprocessings, *metrics)],
        },
        overwrite,
    )
    folder.prepare()
    if model_dir is None:
        model_dir = folder.at("model")
        logging.info("Training %s.", model_dir)
        train_with_gin(model_dir, False, [file], bindings)
    if folder.lacks("visualizations"):
        visualize_model(model_dir, folder.at("visualizations"))
    for step in postprocessings:
        if folder.lacks(step.output_dir):
            postprocess(model_dir, folder.at(step.output_dir), [step.config], step.bindings)
    for step in postprocessings:
        _score(folder, step.output_dir, metrics, evaluation_bindings, keep_codes)


def _score(folder, representation, metrics, evaluation_bindings, keep_codes):
    """Computes all metrics of one representation that are not there yet."""
    missing = [
        (step.config, folder.at(step.output_dir), [*step.bindings, *evaluation_bindings])
        for step in metrics
        if step.input_dir == representation and folder.lacks(step.output_dir)
    ]
    if missing:
        evaluate_all(folder.at(representation), missing, keep_codes=keep_codes)


def _check_training(file, bindings):
    """Checks that the model's configuration can be parsed and that its data set is there."""
    with configured([file], bindings):
        named.get_named_ground_truth_data()


def _check_evaluation(step, bindings):
    """Checks that a metric's configuration can be parsed; a training of days may precede its use."""
    registry.load("disentanglement_lib.evaluation.evaluate")  # Its metrics are known to gin.
    with configured([step.config], [*step.bindings, *bindings]):
        pass
