"""A whole finetuning run, done once: train, keep the extractor, write the results."""

import os
import time
from collections.abc import Sequence

import gin
from absl import logging

from tfdis.configuration import configured
from tfdis.export.results import write_results
from tfdis.features.extraction import EXTRACTOR_FILE
from tfdis.files.whole import written_whole
from tfdis.training.finetune import finetune
from tfdis.training.run_folder import RunFolder


def finetune_with_gin(
    model_dir: str | os.PathLike,
    overwrite: bool = False,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
) -> dict | None:
    """Finetunes what gin files and bindings describe.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        model_dir: path of the run's folder: checkpoints, best, tensorboard, training_log.csv,
            validation_log.csv, extractor.keras, results.
        overwrite: whether another run in that folder is deleted.
        gin_config_files: paths of gin files.
        gin_bindings: bindings such as `"finetune.epochs = 1"`, applied after the files.

    Returns:
        The results; None if the run was complete already, in which case it is left as it is.

    Raises:
        ValueError: a wrong binding or option, or data sets that do not go together.
        FileExistsError: the folder holds something else.
        tfdis.training.callbacks.NonFiniteLossError: the loss became NaN or infinite.
    """
    with configured(gin_config_files, gin_bindings):
        return finetune_and_export(model_dir, overwrite)


def finetune_and_export(model_dir: str | os.PathLike, overwrite: bool = False) -> dict | None:
    """Does what `finetune_with_gin` does, with the gin configuration that is active."""
    folder = RunFolder(model_dir, gin.config_str(), overwrite)
    if not overwrite and folder.is_complete:
        logging.info("The run in %s is complete; nothing to do.", model_dir)
        return None
    with folder.held():
        results = _finetune_and_export(model_dir, overwrite)
    logging.info("Wrote %s.", model_dir)
    return results


def _finetune_and_export(model_dir, overwrite) -> dict:
    run = finetune(model_dir, overwrite)
    started = time.time()
    with written_whole(run.folder.path / EXTRACTOR_FILE, overwrite=True) as path:
        run.classifier.extractor.save(path)
    elapsed = run.results["elapsed_time"] + time.time() - started
    results = run.results | {"elapsed_time": elapsed}
    write_results(str(run.folder.path / "results"), "train", results)
    return results
