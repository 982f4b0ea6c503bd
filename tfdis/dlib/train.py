"""disentanglement_lib's training command, on tfdis's models."""

import copy
from collections.abc import Sequence

import gin
from absl import logging

from tfdis import registry
from tfdis.configuration import configured, unlocked
from tfdis.dlib.configs import find_config
from tfdis.registry import parameters_of
from tfdis.runs.train import train_and_export
from tfdis.training.run_folder import marked_config

# The study "test" names these networks.
registry.load("tfdis.dlib.stack.linear_networks")
_STEP_COUNTING = "model.step_counting"


def train(
    model_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Trains and exports what gin files in disentanglement_lib's dialect describe.

    A run that was stopped goes on, and one that is complete is left as it is. The gin configuration
    of this process plays no part, and is left as it was.

    Args:
        model_dir: path of the run's folder, which has `tfhub` and `results` afterwards, as
            disentanglement_lib's, and what every run of tfdis has.
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.
        overwrite: whether another run in that folder is deleted.

    Raises:
        FileExistsError: the folder holds something else.
        FileNotFoundError: there is no such gin file.
        ValueError: a wrong binding or option, or no binding that says what to train.
    """
    train_with_gin(model_dir, overwrite, find_files(gin_config_files, gin_bindings), gin_bindings)


def find_files(gin_config_files: Sequence[str], gin_bindings: Sequence[str]) -> list[str]:
    """Finds the gin files of a training command; see `find_config`.

    Raises:
        FileNotFoundError: there is no such gin file.
        ValueError: neither files nor bindings say what to train.
    """
    if not gin_config_files and not gin_bindings:
        raise ValueError(
            "Expected gin files or bindings that say what to train, for example "
            "unsupervised_study_v1/model_configs/shared.gin. Received none."
        )
    return [find_config(path) for path in gin_config_files]


def train_with_gin(
    model_dir: str, overwrite: bool, gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> None:
    """Does what `tfdis.train_with_gin` does, but steps count as in disentanglement_lib.

    There each optimiser advances the step counter, so that its FactorVAE makes half as many updates
    as it has steps; `model.training_steps` and schedules follow it by
    `model.step_counting = 'dlib'`, unless files or bindings say it themselves. It is bound for
    models with two optimisers alone, so that no other run's configuration changes; nor does that of
    a run which tfdis 0.1.0 began, whose steps stay updates.
    """
    with configured(gin_config_files, gin_bindings):
        if _leaves_counting_to_dlib() and (overwrite or not _is_counted_in_updates(model_dir)):
            count_as_dlib()
        train_and_export(model_dir, overwrite)


def count_as_dlib() -> None:
    """Adds to gin's configuration that steps count as in disentanglement_lib, where that differs."""
    if _leaves_counting_to_dlib():
        with unlocked():
            gin.bind_parameter(_STEP_COUNTING, "dlib")


def _leaves_counting_to_dlib():
    """Whether gin's model has two optimisers, and nothing says how its steps are counted."""
    bound = gin.get_bindings("model", resolve_references=False)
    return "step_counting" not in bound and _has_discriminator(bound.get("model"))


def _is_counted_in_updates(model_dir):
    """Whether the folder has a run that was begun without this option; logs that it has."""
    config = marked_config(model_dir)
    if config is None or _STEP_COUNTING in config:
        return False
    logging.warning(
        "The run in %s was begun where a step was an update of the weights, as in tfdis 0.1.0, and keeps to "
        "that. To count steps as disentanglement_lib does, choose another folder or pass --overwrite.",
        model_dir,
    )
    return True


def _has_discriminator(model):
    """Whether gin's model trains a discriminator by an optimiser of its own."""
    builder = copy.deepcopy(model)  # gin evaluates a reference when it is copied.
    if callable(builder) and not hasattr(builder, "func"):
        builder = builder()  # A reference without parentheses, as semi-supervised models have it.
    cls = getattr(builder, "func", object)
    return "discriminator_optimizer" in parameters_of(cls)
