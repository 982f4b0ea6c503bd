"""A trained model that is drawn, represented and scored, each step once however often it is started."""

import dataclasses
import os
from collections.abc import Callable, Sequence

from absl import logging

from tfdis import registry
from tfdis.configuration import configured
from tfdis.data import named
from tfdis.dlib.aggregate_results import aggregate_results
from tfdis.dlib.commands import evaluate_all, postprocess
from tfdis.dlib.model_step import Step
from tfdis.dlib.reproduce_folder import ReproduceFolder
from tfdis.dlib.stack.importing import install
from tfdis.dlib.visualize_model import visualize_model
from tfdis.export.run import Run

_AGGREGATED = os.path.join("metrics", "aggregated_results.json")
_RESULTS = os.path.join("metrics", "*", "*", "results", "aggregate", "evaluation.json")


@dataclasses.dataclass(frozen=True)
class Training:
    """The training of a pipeline.

    Attributes:
        train: function `train(model_dir, gin_config_files, gin_bindings)`.
        file: path of the gin file.
        bindings: further gin lines.
    """

    train: Callable[[str, Sequence[str], Sequence[str]], None]
    file: str
    bindings: list[str]


@dataclasses.dataclass(frozen=True)
class Pipeline:
    """Everything that a command makes in its folder.

    Attributes:
        training: the training; None to take the model of `model_dir`.
        model_dir: path of a trained model, if there is no training.
        postprocessings: representations.
        metrics: scores of them.
        validations: scores on a few labelled images.
        validate: function `validate(input_dirs, output_dir, gin_config_files, gin_bindings)` of the
            validations.
        evaluation_bindings: gin lines that override the metrics'.
        aggregated: whether all scores are joined in `metrics/aggregated_results.json`.
    """

    training: Training | None
    model_dir: str | None
    postprocessings: list[Step]
    metrics: list[Step]
    validations: list[Step] = dataclasses.field(default_factory=list)
    validate: Callable | None = None
    evaluation_bindings: Sequence[str] = ()
    aggregated: bool = False

    @property
    def request(self) -> dict:
        """What is asked for, in JSON's types; a folder of another request is refused."""
        steps = (*self.postprocessings, *self.validations, *self.metrics)
        training = self.training
        return {
            "model": self.model_dir or [training.file, *training.bindings],
            "evaluation": [*self.evaluation_bindings],
            "steps": [[step.output_dir, *step.bindings] for step in steps],
        }


def run_pipeline(
    pipeline: Pipeline, output_dir: str, overwrite: bool = False, keep_codes: bool = True
) -> None:
    """Makes `model`, `visualizations`, `postprocessed/<p>`, `validation/<p>/<m>`, `metrics/<p>/<m>`.

    Every folder appears whole; started again with the same pipeline, it does not repeat what is
    complete.

    Args:
        pipeline: the pipeline.
        output_dir: path of the folder to write.
        overwrite: whether what an earlier call wrote to the folder is deleted.
        keep_codes: whether codes are kept in `postprocessed/<p>/codes`, for later commands.

    Raises:
        FileExistsError: the folder holds something else.
        FileNotFoundError: the folder of the model holds none. Nothing was written then.
        ValueError: a wrong binding. Nothing was written then.
    """
    install()
    _check(pipeline)
    folder = ReproduceFolder(output_dir, pipeline.request, overwrite)
    folder.prepare()
    model_dir = pipeline.model_dir
    if pipeline.training is not None:
        model_dir = folder.at("model")
        logging.info("Training %s.", model_dir)
        training = pipeline.training
        training.train(model_dir, [training.file], training.bindings)
    if folder.lacks("visualizations"):
        visualize_model(model_dir, folder.at("visualizations"))
    for step in pipeline.postprocessings:
        if folder.lacks(step.output_dir):
            postprocess(model_dir, folder.at(step.output_dir), [step.gin_file], step.bindings)
    for step in pipeline.validations:
        if folder.lacks(step.output_dir):
            inputs = [folder.at(step.input_dir)]
            pipeline.validate(inputs, folder.at(step.output_dir), [step.gin_file], step.bindings)
    for step in pipeline.postprocessings:
        _score(folder, step.output_dir, pipeline, keep_codes)
    if pipeline.aggregated and pipeline.metrics:
        aggregate_results(folder.at(_RESULTS), folder.at(_AGGREGATED))


def _score(folder, representation, pipeline, keep_codes):
    """Computes all metrics of one representation that are not there yet."""
    missing = [
        (step.gin_file, folder.at(step.output_dir), [*step.bindings, *pipeline.evaluation_bindings])
        for step in pipeline.metrics
        if step.input_dir == representation and folder.lacks(step.output_dir)
    ]
    if missing:
        evaluate_all(folder.at(representation), missing, keep_codes=keep_codes)


def _check(pipeline):
    """Checks all that gin has to parse, and that data set or model are there: a training may take days."""
    registry.load("tfdis.dlib.validation_options", "disentanglement_lib.evaluation.evaluate")
    if pipeline.training is None:
        Run.open(pipeline.model_dir)
    else:
        with configured([pipeline.training.file], pipeline.training.bindings):
            named.get_named_ground_truth_data()
    for step in pipeline.validations:
        with configured([step.gin_file], step.bindings):
            pass
    for step in pipeline.metrics:
        with configured([step.gin_file], [*step.bindings, *pipeline.evaluation_bindings]):
            pass
