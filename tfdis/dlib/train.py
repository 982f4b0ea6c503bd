"""disentanglement_lib's training command, on tfdis's models."""

from collections.abc import Sequence

import tfdis.dlib.linear_networks  # noqa: F401  The study "test" names these networks.
from tfdis.dlib.commands import find_config
from tfdis.export import train_run


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
    train_run.train_with_gin(model_dir, overwrite, files, gin_bindings)
