"""Scores on the validation part after every epoch: logged, the best weights kept, early stop."""

import os
from pathlib import Path

import keras
import tensorflow as tf
from tqdm import tqdm

from tfdis.files.interruption import unless_stopped
from tfdis.files.plain_path import PlainPath
from tfdis.files.whole import remove
from tfdis.training.callbacks import updates_made
from tfdis.training.scalar_file import ScalarFile

BEST_FOLDER = "best"


class Validation(keras.callbacks.Callback):
    """Evaluates the model at the end of every epoch.

    The scores go to `validation_log.csv` and TensorBoard; the weights with the highest `accuracy`
    (the earliest of equals) go to a checkpoint in `best/`. The state is saved in checkpoints of
    `state`, so that a resumed run goes on exactly.

    Args:
        run_dir: path of the run's folder.
        model: the compiled model, whose metrics include `accuracy`.
        stream: finite data set of batches.
        epoch_steps: number of steps in an epoch.
        patience: number of epochs without a higher accuracy after which `is_finished` is True; None
            for never.

    Raises:
        ValueError: a patience below 1.
    """

    def __init__(
        self,
        run_dir: str | os.PathLike,
        model: keras.Model,
        stream: tf.data.Dataset,
        epoch_steps: int,
        patience: int | None = None,
    ):
        super().__init__()
        if patience is not None and patience < 1:
            raise ValueError(f"Expected patience of at least 1 epoch. Received: {patience}.")
        self._run_dir = Path(run_dir)
        self._plain = PlainPath(run_dir)
        self._network = model
        self._stream = stream
        self._epoch_steps = epoch_steps
        self._patience = patience
        self._file = None
        initial = {"best": -1.0, "best_step": 0.0, "waited": 0.0}
        variables = {k: tf.Variable(v, dtype=tf.float64) for k, v in initial.items()}
        self.state = tf.train.Checkpoint(**variables)
        self._weights = tf.train.Checkpoint(weights=[weight.value for weight in model.weights])

    @property
    def is_finished(self) -> bool:
        """Whether the accuracy has not grown for `patience` epochs."""
        return self._patience is not None and float(self.state.waited) >= self._patience

    @property
    def best_step(self) -> int:
        """Step of the highest accuracy."""
        return int(self.state.best_step)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.catch_up()
        if self.is_finished:
            self.model.stop_training = True

    def catch_up(self) -> None:
        """Evaluates the model if an epoch has ended whose scores are missing."""
        self._open()
        step = updates_made(self._network.optimizer)
        if not step or step % self._epoch_steps or self._file.row(step):
            return
        scores = unless_stopped(lambda: self._scores(step))
        if scores is None:
            return
        self._file.write(step, scores)
        accuracy = scores["accuracy"]
        if accuracy > float(self.state.best):
            self._weights.write(self._best_path(step))
            # A process killed before the next checkpoint resumes from one that names the best so far.
            self._forget_all_but(self.best_step, step)
            self.state.best.assign(accuracy)
            self.state.best_step.assign(step)
            self.state.waited.assign(0.0)
        else:
            self.state.waited.assign_add(1.0)

    def scores_at(self, step: int) -> dict[str, float]:
        """The scores of a step: those that were logged, or those of the model as it is now."""
        self._open()
        scores = self._file.row(step)
        if scores is None:
            scores = self._scores(step)
            self._file.write(step, scores)
        return scores

    def restore_best(self) -> None:
        """Gives the model the weights of the best epoch, if one has ended."""
        if self.best_step:
            self._weights.read(self._best_path(self.best_step)).assert_existing_objects_matched()

    def _open(self):
        if self._file is None:
            start = updates_made(self._network.optimizer)
            self._file = ScalarFile(self._run_dir, "validation_log", "validation", start)

    def _scores(self, step):
        with tqdm(total=len(self._stream), desc="validation", unit="batch", leave=False) as bar:
            count = keras.callbacks.LambdaCallback(
                on_test_batch_end=lambda batch, logs: bar.update()
            )
            scores = self._network.evaluate(
                self._stream, verbose=0, return_dict=True, callbacks=[count]
            )
        # Keras's loss is a mean over batches, which count images without labels; the sum of the
        # factors' cross-entropies is exact.
        del scores["loss"]
        return {"epoch": step / self._epoch_steps} | {k: float(v) for k, v in scores.items()}

    def _best_path(self, step):
        return os.path.join(self._plain.path, BEST_FOLDER, f"step-{step}")

    def _forget_all_but(self, *steps):
        kept = {f"step-{step}" for step in steps}
        for path in (self._run_dir / BEST_FOLDER).glob("step-*"):
            if path.name.partition(".")[0] not in kept:
                remove(path)  # A folder if a process was killed while it wrote.
