"""disentanglement_lib's training command, on tfdis's models."""

import copy
from collections.abc import Sequence

import gin

import tfdis.dlib.stack.linear_networks  # noqa: F401  The study "test" names these networks.
from tfdis.configuration import configured, unlocked
from tfdis.dlib.commands import find_config
from tfdis.models.registry import constructor_parameters
from tfdis.runs.train import train_and_export


def train(
    model_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Trains and exports what gin files in disentanglement_lib's dialect describe.

    A run that was stopped goes on, one that is complete is left as it is. The gin configuration of
    this process plays no part, and is left as it was.

    Args:
      model_dir: folder of the run; has `tfhub` and `results` afterwards, as disentanglement_lib's, and
        what every run of tfdis has.
      gin_config_files: gin files; see `find_config`.
      gin_bindings: further gin lines.
      overwrite: whether to delete another run in that folder.

    Raises:
      FileExistsError: the folder holds something else.
      FileNotFoundError: no such gin file.
      ValueError: a wrong binding or option, or nothing that says what to train.
    """
    if not gin_config_files and not gin_bindings:
        raise ValueError(
            "Expected gin files or bindings that say what to train, for example "
            "unsupervised_study_v1/model_configs/shared.gin. Received none."
        )
    files = [find_config(path) for path in gin_config_files]
    train_with_gin(model_dir, overwrite, files, gin_bindings)


def train_with_gin(
    model_dir: str, overwrite: bool, gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> None:
    """As `tfdis.train_with_gin`, but `model.training_steps` and schedules count as disentanglement_lib.

    There each optimiser advances the step counter, so that its FactorVAE makes half as many updates as it
    has steps: `model.step_counting = 'dlib'`, unless files or bindings say it themselves. It is bound for
    models with two optimisers alone, so that no other run's configuration changes.
    """
    with configured(gin_config_files, gin_bindings):
        bound = gin.get_bindings("model", resolve_references=False)
        if "step_counting" not in bound and _has_discriminator(bound.get("model")):
            with unlocked():
                gin.bind_parameter("model.step_counting", "dlib")
        train_and_export(model_dir, overwrite)


def _has_discriminator(model):
    """Whether gin's model trains a discriminator by an optimiser of its own."""
    builder = copy.deepcopy(model)  # gin evaluates a reference when it is copied.
    cls = getattr(builder, "func", object)
    return "discriminator_optimizer" in constructor_parameters(cls)
