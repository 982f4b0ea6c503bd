"""Follows a training: pictures and hyper-parameters in TensorBoard, Weights & Biases, MLflow.

In gin, one or more of

    import tfdis.plots.trackers
    model.callbacks = [@tensorboard_pictures(), @wandb_tracker(), @mlflow_tracker()]

A tracker changes no weight: its images are drawn with a seed of their own.
"""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path

import gin
import keras
import numpy as np
import tensorflow as tf

from tfdis.configuration import parse_gin_bindings
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.files.optional import missing, optional_module, with_extra
from tfdis.files.whole import write_text_whole
from tfdis.plots.images import to_pixels
from tfdis.plots.reconstructions import plot_reconstructions
from tfdis.plots.traversals import plot_traversals
from tfdis.training.callbacks import updates_made

_NUM_IMAGES = 200
_SHOWN = 16


class Tracker(keras.callbacks.Callback):
    """Base of trackers; subclasses implement `open`, `log_scalars`, `log_picture` and `close`.

    Traversals and reconstructions are written to `<run>/pictures` and logged, at the end of the first
    Keras epoch (in `bin/train`: logging interval) that reaches a multiple of `every_steps`. A VAE on
    features has no pictures.

    Args:
        every_steps: number of steps between two sets of pictures.
        seed: seed that chooses the images.

    Raises:
        ValueError: a number of steps below 1.
    """

    def __init__(self, every_steps: int = 5000, seed: int = 0):
        super().__init__()
        if every_steps < 1:
            raise ValueError(f"Expected every_steps of at least 1. Received: {every_steps}.")
        self._every, self._seed = every_steps, seed
        self._folder = self._images = None
        self._last = 0

    def start_run(self, run_dir: str | os.PathLike, data: GroundTruthData) -> None:
        """Says where pictures are written and which data set the images are drawn from."""
        self._folder = Path(run_dir)
        shape = data.observation_shape
        if len(shape) == 3 and shape[-1] in (1, 3):
            images = data.sample_observations(_NUM_IMAGES, np.random.RandomState(self._seed))
            self._images = np.asarray(images, np.float32)
        self._is_open = False

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self._folder is None:
            raise ValueError(
                "Expected start_run(run_dir, data) before model.fit. Received no data set."
            )
        if not self._is_open:
            self._is_open = True
            self._last = updates_made(self.model.optimizer)
            bindings = parse_gin_bindings(gin.config_str())
            self.open(self._folder, {name: str(value) for name, value in bindings.items()})

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = updates_made(self.model.optimizer)
        self.log_scalars(step, {name: float(value) for name, value in (logs or {}).items()})
        if step // self._every > self._last // self._every and self._images is not None:
            for name, path in self._draw(step).items():
                self.log_picture(step, name, path)
        self._last = step

    def end_run(self, results: Mapping) -> None:
        """Logs the final evaluation and closes the tracker; `train` calls it at the end."""
        numbers = {n: float(v) for n, v in results.items() if isinstance(v, int | float)}
        step = int(results.get("updates", self._last))
        if self._is_open:
            self.log_scalars(step, {f"final/{name}": value for name, value in numbers.items()})
            self.close()

    def _draw(self, step):
        model, folder = self.model, self._folder / "pictures"
        folder.mkdir(exist_ok=True)

        def encoder(images):
            return tuple(np.asarray(part, np.float32) for part in model.encoder(images)[:2])

        def decoder(codes):
            logits = model.decoder(tf.constant(codes, tf.float32))
            return np.asarray(model.reconstruction_loss.images(logits), np.float32)

        paths = {
            name: str(folder / f"{name}_{step}.png") for name in ("traversals", "reconstructions")
        }
        plot_traversals(
            encoder,
            decoder,
            self._images,
            paths["traversals"],
            "linear",
            title=f"latent traversals at step {step}",
            overwrite=True,
        )
        shown = self._images[:_SHOWN]
        decoded = to_pixels(decoder(encoder(shown)[0]), "linear")
        title = f"images and reconstructions at step {step}"
        plot_reconstructions(shown, decoded, paths["reconstructions"], title=title, overwrite=True)
        return paths

    def open(self, folder: Path, hyperparameters: dict[str, str]) -> None:
        """Begins, or goes on with, the record of a run.

        Args:
            folder: path of the run's folder, where the record's name may be kept.
            hyperparameters: the run's gin bindings, values as text.
        """
        raise NotImplementedError

    def log_scalars(self, step: int, scalars: dict[str, float]) -> None:
        """Adds scalars of a step."""
        raise NotImplementedError

    def log_picture(self, step: int, name: str, path: str) -> None:
        """Adds a PNG file of a step."""
        raise NotImplementedError

    def close(self) -> None:
        """Ends the record."""
        raise NotImplementedError


@gin.register("tensorboard_pictures", module="tfdis.plots")
class TensorBoardPictures(Tracker):
    """Pictures and hyper-parameters in `<run>/tensorboard`, where the scalars are anyway.

    Args:
        every_steps: as for `Tracker`.
        seed: as for `Tracker`.
    """

    def open(self, folder: Path, hyperparameters: dict[str, str]) -> None:
        from tensorboard.plugins.hparams import api

        self._writer = tf.summary.create_file_writer(str(folder / "tensorboard"))
        with self._writer.as_default(step=self._last):
            api.hparams(hyperparameters)

    def log_scalars(self, step: int, scalars: dict[str, float]) -> None:
        del step, scalars  # `ScalarLog` writes them.

    def log_picture(self, step: int, name: str, path: str) -> None:
        picture = tf.io.decode_png(tf.io.read_file(path), channels=3)
        with self._writer.as_default(step=step):
            tf.summary.image(name, picture[None])
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


@gin.register("wandb_tracker", module="tfdis.plots")
class WandbTracker(Tracker):
    """Scalars, pictures and hyper-parameters in Weights & Biases (`pip install 'tfdis[wandb]'`).

    A run that is resumed goes on in the same record, whose id is kept in `<run>/wandb_id.txt`.

    Args:
        project: name of the project.
        mode: "online", "offline" (files in `<run>/wandb`, for `wandb sync`) or "disabled".
        every_steps: as for `Tracker`.
        seed: as for `Tracker`.

    Raises:
        ImportError: wandb is not installed.
    """

    def __init__(
        self,
        project: str = "tfdis",
        mode: str = "offline",
        every_steps: int = 5000,
        seed: int = 0,
    ):
        super().__init__(every_steps, seed)
        self._wandb = optional_module("wandb", "keeps the record of this tracker", "wandb")
        self._options = {"project": project, "mode": mode, "resume": "allow"}

    def open(self, folder: Path, hyperparameters: dict[str, str]) -> None:
        path = folder / "wandb_id.txt"
        if not path.is_file():
            write_text_whole(path, uuid.uuid4().hex)
        self._run = self._wandb.init(
            id=path.read_text(encoding="utf-8"),
            name=folder.name,
            dir=str(folder),
            config=hyperparameters,
            **self._options,
        )

    def log_scalars(self, step: int, scalars: dict[str, float]) -> None:
        self._run.log(scalars, step=step)

    def log_picture(self, step: int, name: str, path: str) -> None:
        self._run.log({name: self._wandb.Image(path)}, step=step)

    def close(self) -> None:
        self._run.finish()


@gin.register("mlflow_tracker", module="tfdis.plots")
class MLflowTracker(Tracker):
    """Scalars, pictures and hyper-parameters in MLflow (`pip install 'tfdis[mlflow]'`).

    A run that is resumed goes on in the same record, whose id is kept in `<run>/mlflow_id.txt`.

    Args:
        experiment: name of the experiment.
        tracking_uri: where MLflow keeps its records: a server, a data base (`sqlite:///mlflow.db`), or
            `file:FOLDER`, which MLflow 3 only takes with `MLFLOW_ALLOW_FILE_STORE=true`; None for
            what `$MLFLOW_TRACKING_URI` says, or else MLflow's default, a data base in the current folder.
        every_steps: as for `Tracker`.
        seed: as for `Tracker`.

    Raises:
        ImportError: mlflow, or what it needs for a data base, is not installed.
        ValueError: MLflow keeps no records there; raised when the training begins.
    """

    def __init__(
        self,
        experiment: str = "tfdis",
        tracking_uri: str | None = None,
        every_steps: int = 5000,
        seed: int = 0,
    ):
        super().__init__(every_steps, seed)
        self._mlflow = optional_module("mlflow", "keeps the record of this tracker", "mlflow")
        self._experiment, self._uri = experiment, tracking_uri

    def open(self, folder: Path, hyperparameters: dict[str, str]) -> None:
        self._client = self._opened()
        path = folder / "mlflow_id.txt"
        if not path.is_file():
            found = self._client.get_experiment_by_name(self._experiment)
            experiment = found.experiment_id if found else None
            experiment = experiment or self._client.create_experiment(self._experiment)
            record = self._client.create_run(experiment, run_name=folder.name)
            write_text_whole(path, record.info.run_id)
            for name, value in hyperparameters.items():
                self._client.log_param(record.info.run_id, name, value)
        self._id = path.read_text(encoding="utf-8")

    def _opened(self):
        """MLflow's client, whose place is known to take records."""
        try:
            client = self._mlflow.MlflowClient(tracking_uri=self._uri)
            client.get_experiment_by_name(self._experiment)
        except ImportError as error:
            use = "MLflow keeps a data base with"
            raise missing("alembic sqlalchemy", use, error, with_extra("mlflow")) from error
        except self._mlflow.exceptions.MlflowException as error:
            raise ValueError(
                f"Expected mlflow_tracker.tracking_uri where MLflow keeps records. Received: {self._uri!r}, of "
                f"which it says: {str(error).partition('. ')[0]}. Fix: mlflow_tracker.tracking_uri = "
                "'sqlite:///mlflow.db', or the address of a server that runs."
            ) from error
        return client

    def log_scalars(self, step: int, scalars: dict[str, float]) -> None:
        for name, value in scalars.items():
            self._client.log_metric(self._id, name, value, step=step)

    def log_picture(self, step: int, name: str, path: str) -> None:
        self._client.log_artifact(self._id, path, artifact_path=name)

    def close(self) -> None:
        self._client.set_terminated(self._id)
