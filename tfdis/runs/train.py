"""A whole training run, done once however often it is started: train, export, write results."""

import os
import time
from collections.abc import Sequence

import gin
from absl import logging

from tfdis.configuration import configured
from tfdis.export.chain import export_chain
from tfdis.export.model import export_model
from tfdis.export.results import write_results
from tfdis.runs.feature_source import FeatureSource
from tfdis.training.run_folder import RunFolder
from tfdis.training.train import TrainedRun, train


def train_with_gin(
    model_dir: str | os.PathLike,
    overwrite: bool = False,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
) -> None:
    """Trains and exports what gin files and bindings describe.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        model_dir: path of the run's folder: checkpoints, tensorboard, tfhub, saved_model,
            model.keras, results.
        overwrite: whether another run in that folder is deleted.
        gin_config_files: paths of gin files.
        gin_bindings: bindings such as `"vae.beta = 4."`, applied after the files.

    Raises:
        ValueError: a wrong binding or option.
        FileExistsError: the folder holds something else.
        tfdis.training.callbacks.NonFiniteLossError: the loss became NaN or infinite.
    """
    with configured(gin_config_files, gin_bindings):
        train_and_export(model_dir, overwrite)


def train_and_export(model_dir: str | os.PathLike, overwrite: bool = False) -> None:
    """Does what `train_with_gin` does, with the gin configuration that is active.

    A run that is complete is left as it is. A run on the data set `features` exports the whole chain
    from the image on, and its results name the images' data set.
    """
    source = FeatureSource.of_gin_config()
    if source is not None:
        source.bind(model_dir, overwrite)
    folder = RunFolder(model_dir, gin.config_str(), overwrite)
    if not overwrite and folder.is_complete:
        logging.info("The run in %s is complete; nothing to do.", model_dir)
        return
    with folder.held():
        _train_and_export(model_dir, overwrite, source)
    logging.info("Wrote %s.", model_dir)


def _train_and_export(model_dir, overwrite, source) -> None:
    run = train(model_dir, overwrite)
    started = time.time()
    export(run, source)
    elapsed = run.results["elapsed_time"] + time.time() - started
    write_results(
        str(run.folder.path / "results"),
        "train",
        run.results | {"elapsed_time": elapsed},
        source and source.image_gin_config(),
    )


@gin.configurable("export", module="tfdis.runs", denylist=["run", "source"])
def export(run: TrainedRun, source: FeatureSource | None, with_optimizer: bool = True) -> None:
    """Exports a trained model, or the chain of an extractor and a VAE on its features.

    Args:
        run: the trained run.
        source: where the features come from; None for a model of images.
        with_optimizer: whether `model.keras` holds the optimiser's state, see `export_model`; in gin
            `export.with_optimizer`.
    """
    path, options = str(run.folder.path), {"overwrite": True, "with_optimizer": with_optimizer}
    if source is None:
        export_model(run.model, path, **options)
    else:
        export_chain(run.model, source.load_extractor(), path, **options)
