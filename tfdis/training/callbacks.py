"""Callbacks of a training run: progress, scalars, checkpoints and the guard against NaN.

One Keras epoch is one logging interval; every callback works in steps (updates of the weights).
"""

import csv
import os
from pathlib import Path

import keras
import tensorflow as tf
from tqdm import tqdm


class NonFiniteLossError(FloatingPointError):
    """The loss became NaN or infinite; training has stopped."""


def updates_made(optimizer: keras.optimizers.Optimizer) -> int:
    """Number of updates so far, also where every replica has a copy of the counter."""
    return int(tf.convert_to_tensor(optimizer.iterations.value))


class Progress(keras.callbacks.Callback):
    """A tqdm bar over all steps of the run, with the remaining time and the last loss.

    Args:
      start: step at which this process starts.
      total: last step of the run.
    """

    def __init__(self, start: int, total: int):
        super().__init__()
        self._bar = tqdm(
            total=total, initial=start, unit="step", desc="training", dynamic_ncols=True
        )
        self._done = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._done = 0

    def on_train_batch_end(self, batch, logs=None):
        self._bar.update(batch + 1 - self._done)
        self._done = batch + 1

    def on_epoch_end(self, epoch, logs=None):
        self._bar.set_postfix(
            {name: f"{logs[name]:.4g}" for name in ("loss", "kl_loss") if name in logs}
        )

    def close(self):
        """Ends the bar."""
        self._bar.close()


class StopOnNonFinite(keras.callbacks.Callback):
    """Raises `NonFiniteLossError` naming the first step whose loss or terms were not finite."""

    def __init__(self):
        super().__init__()
        self._start = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._start = updates_made(self.model.optimizer)

    def on_epoch_end(self, epoch, logs=None):
        bad = self.model.statistics.first_not_finite()
        if bad is None:
            return
        position, values = bad
        terms = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        raise NonFiniteLossError(
            f"The loss was not finite at step {self._start + position}: {terms}. "
            "Checkpoints before it are kept. Try a smaller learning rate or weight, or float32."
        )


class ScalarLog(keras.callbacks.Callback):
    """Writes every interval's mean scalars to TensorBoard and to `training_log.csv`.

    Args:
      run_dir: the run's folder.
      start: step at which this process starts; later rows of an interrupted process are dropped.
    """

    def __init__(self, run_dir: str | os.PathLike, start: int):
        super().__init__()
        self._path = Path(run_dir) / "training_log.csv"
        self._writer = tf.summary.create_file_writer(str(Path(run_dir) / "tensorboard"))
        _drop_rows_after(self._path, start)

    def on_epoch_end(self, epoch, logs=None):
        step = updates_made(self.model.optimizer)
        scalars = {name: float(value) for name, value in logs.items()}
        scalars["learning_rate"] = float(tf.convert_to_tensor(self.model.optimizer.learning_rate))
        is_new = not self._path.exists()
        with open(self._path, "a", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(["step", *scalars])
            writer.writerow([step, *(repr(value) for value in scalars.values())])
        with self._writer.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(f"train/{name}", value)
        self._writer.flush()


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimiser state and step every `every` steps, and at the end of training.

    Args:
      folder: folder of the checkpoints; the last two are kept.
      model: the compiled model.
      every: steps between two checkpoints.
      **further: further objects whose state is saved.
    """

    def __init__(self, folder: str | os.PathLike, model: keras.Model, every: int, **further):
        super().__init__()
        self._every = every
        own = {f"{term.name}_optimizer": term.optimizer for term in model.trained_terms}
        checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer, **own, **further)
        self._manager = tf.train.CheckpointManager(checkpoint, str(folder), max_to_keep=2)
        self._optimizer = model.optimizer
        self._last = 0

    @property
    def any_saved(self) -> bool:
        """Whether there is a checkpoint."""
        return self._manager.latest_checkpoint is not None

    def restore(self) -> int:
        """Restores the latest checkpoint, if there is one; returns the step."""
        if self.any_saved:
            status = self._manager.checkpoint.restore(self._manager.latest_checkpoint)
            status.assert_existing_objects_matched()
        self._last = updates_made(self._optimizer)
        return self._last

    def on_epoch_end(self, epoch, logs=None):
        step = updates_made(self._optimizer)
        if step // self._every > self._last // self._every:
            self.save()

    def save(self) -> None:
        """Saves now, unless this step is saved already."""
        step = updates_made(self._optimizer)
        if step != self._last or not self.any_saved:
            self._manager.save(checkpoint_number=step)
        self._last = step


def _drop_rows_after(path, step):
    if not path.exists():
        return
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    kept = rows[:1] + [row for row in rows[1:] if _is_row(row, rows[0]) and int(row[0]) <= step]
    temporary = path.with_suffix(".partial")
    with open(temporary, "w", newline="") as file:
        csv.writer(file).writerows(kept)
    os.replace(temporary, path)


def _is_row(row, header):
    """Whether the row is whole: a killed process may have left half of its last one."""
    return len(row) == len(header) and row[0].isdigit()
