"""Flags and steps that the commands of disentanglement_lib's papers share."""

import itertools
import os
from collections.abc import Callable

from absl import flags

from tfdis.cli.run import define_keep_codes

FLAGS = flags.FLAGS


def define_pipeline_flags() -> None:
    """Defines flags of every command that trains, represents and scores a model."""
    flags.DEFINE_boolean("overwrite", False, "Delete what was written to the folder before.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override those of the model.")
    flags.DEFINE_multi_string(
        "evaluation_bindings", [], "Gin lines that override those of the metrics."
    )
    define_keep_codes()


def define_shared_flags(study: str) -> None:
    """Defines the flags that the commands of the three later papers have, and three more.

    Args:
        study: name of the study whose models `--model_num` counts.
    """
    define_pipeline_flags()
    flags.DEFINE_string("output_directory", None, "Folder to write.", required=True)
    flags.DEFINE_string(
        "model_dir",
        None,
        "Folder in which the folder model has a trained model, which is taken instead of training one.",
    )
    flags.DEFINE_string("gin_model_config_dir", None, "Folder of the model's gin file.")
    flags.DEFINE_string("gin_model_config_name", None, "Name of the model's gin file.")
    flags.DEFINE_string(
        "gin_postprocess_config_glob",
        None,
        "Pattern of gin files, one for each representation; by default disentanglement_lib's own.",
    )
    flags.DEFINE_string(
        "gin_evaluation_config_glob",
        None,
        "Pattern of gin files, one for each metric; by default disentanglement_lib's own.",
    )
    flags.DEFINE_integer(
        "model_num",
        None,
        f"Number of a model of the paper's grid, the study {study}, instead of a gin file.",
    )


def step_configs() -> tuple[list[str], list[str]]:
    """Gin files of the representations and of the metrics."""
    from tfdis.dlib.configs import find_configs
    from tfdis.sweeps.papers_of_dlib import EVALUATION_CONFIGS, POSTPROCESS_CONFIGS

    return (
        find_configs(FLAGS.gin_postprocess_config_glob or POSTPROCESS_CONFIGS),
        find_configs(FLAGS.gin_evaluation_config_glob or EVALUATION_CONFIGS),
    )


def trained_model_dir() -> str | None:
    """Folder of the model that `--model_dir` names; None if there is to be a training."""
    return None if FLAGS.model_dir is None else os.path.join(FLAGS.model_dir, "model")


def model_config(study: str, seed: int) -> tuple[str, list[str]]:
    """Gin file and gin lines of the model, without the seeds of a gin file and without `--gin_bindings`.

    Args:
        study: name of the study whose models `--model_num` counts.
        seed: seed of the pipeline.

    Raises:
        ValueError: neither a gin file nor a number, both, or a number that the study does not have.
    """
    from tfdis.dlib.configs import find_config
    from tfdis.registry import STUDIES

    name, number = FLAGS.gin_model_config_name, FLAGS.model_num
    if (name is None) == (number is None):
        raise ValueError(
            "Expected either --gin_model_config_name (with --gin_model_config_dir) or --model_num. "
            f"Received: {name} and {number}."
        )
    if name is not None:
        file = find_config(os.path.join(FLAGS.gin_model_config_dir or "", name))
        return file, [f"model.name = '{name.replace('.gin', '')}'"]
    points = STUDIES.find(study)(seeds=range(seed, seed + 1))
    point = next(itertools.islice(points, number, None), None) if number >= 0 else None
    if point is None:
        count = sum(1 for _ in STUDIES.find(study)(seeds=range(1)))
        raise ValueError(f"Expected --model_num from 0 to {count - 1}. Received: {number}.")
    (file,) = point.gin_files
    return find_config(file), list(point.bindings)


def run(
    steps: object, train: Callable, model: tuple[str, list[str]] | None, **options: object
) -> None:
    """Runs the pipeline of a command.

    Args:
        steps: `Steps` of `tfdis.dlib.paper_steps`.
        train: function `train(model_dir, gin_config_files, gin_bindings)`.
        model: gin file and gin lines of the training; None without one.
        **options: further attributes of `tfdis.dlib.pipeline.Pipeline`.
    """
    from tfdis.dlib.pipeline import Pipeline, Training, run_pipeline

    training = None
    if model is not None:
        file, lines = model
        seeds = [] if FLAGS.model_num is not None else steps.training
        training = Training(train, file, [*seeds, *lines, *FLAGS.gin_bindings])
    pipeline = Pipeline(
        training=training,
        model_dir=trained_model_dir(),
        postprocessings=steps.postprocessings,
        metrics=steps.metrics,
        validations=steps.validations,
        evaluation_bindings=FLAGS.evaluation_bindings,
        **options,
    )
    run_pipeline(pipeline, FLAGS.output_directory, FLAGS.overwrite, FLAGS.keep_codes)
