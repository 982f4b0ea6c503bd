"""Callbacks of a training run: progress, scalars, checkpoints and the guard against NaN.

One Keras epoch is one logging interval; every callback works in steps (updates of the weights).
"""

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf
from absl import logging
from tqdm import tqdm

from tfdis.configuration import warn_of_unused
from tfdis.files.interruption import Noted
from tfdis.files.plain_path import PlainPath
from tfdis.files.whole import explaining_a_full_disk, remove
from tfdis.training.scalar_file import ScalarFile

_PREFIX = "ckpt-"
SEED_STATE = "seed_generator_state"
# What TensorFlow raises of a checkpoint that is damaged, or (the last) that lacks weights.
_UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, AssertionError)


class NonFiniteLossError(FloatingPointError):
    """The loss became NaN or infinite; training has stopped."""


def updates_made(optimizer: keras.optimizers.Optimizer) -> int:
    """Number of updates so far, also where every replica has a copy of the counter."""
    return int(tf.convert_to_tensor(optimizer.iterations.value))


class ProgressBar(keras.callbacks.Callback):
    """A tqdm bar over the steps of the run, with remaining time and last loss; none without a step left.

    Args:
        start: step at which this process starts.
        total: last step of the run.
    """

    def __init__(self, start: int, total: int):
        super().__init__()
        self._bar = tqdm(
            total=total,
            initial=start,
            unit="step",
            desc="training",
            dynamic_ncols=True,
            disable=start == total,
        )
        self._done = 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._done = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        done = min(batch + 1, self.params["steps"])  # The last execution may make fewer steps.
        self._bar.update(done - self._done)
        self._done = done

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._bar.set_postfix(
            {name: f"{logs[name]:.4g}" for name in ("loss", "kl_loss") if name in logs}
        )

    def close(self) -> None:
        """Ends the bar."""
        self._bar.close()


class StopOnNonFinite(keras.callbacks.Callback):
    """Raises `NonFiniteLossError` naming the first step whose loss or terms were not finite.

    The step is named for models that have `statistics`, the interval for others.
    """

    def __init__(self) -> None:
        super().__init__()
        self._start = 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._start = updates_made(self.model.optimizer)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        where = self._first_not_finite(logs)
        if where is not None:
            raise NonFiniteLossError(
                f"The loss was not finite at {where}. Checkpoints before it are kept. Try a smaller "
                "learning rate or weight, or float32."
            )

    def _first_not_finite(self, logs):
        """Steps and values that were not finite in this interval; None if all were."""
        if not hasattr(self.model, "statistics"):
            if math.isfinite(logs["loss"]):
                return None
            last = updates_made(self.model.optimizer)
            return f"one of the steps {self._start + 1} to {last}: loss = {logs['loss']:g}"
        bad = self.model.statistics.first_not_finite()
        if bad is None:
            return None
        position, values = bad
        terms = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        return f"step {self._start + position}: {terms}"


class ScalarLog(keras.callbacks.Callback):
    """Writes every interval's mean scalars to TensorBoard and to `training_log.csv`.

    Args:
        run_dir: path of the run's folder.
        start: step at which this process starts; later rows of an interrupted process are dropped.
    """

    def __init__(self, run_dir: str | os.PathLike, start: int):
        super().__init__()
        self._file = ScalarFile(run_dir, "training_log", "train", start)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        scalars = {name: float(value) for name, value in logs.items()}
        scalars["learning_rate"] = float(tf.convert_to_tensor(self.model.optimizer.learning_rate))
        self._file.write(updates_made(self.model.optimizer), scalars)


class WarnOfUnusedBindings(keras.callbacks.Callback):
    """Names gin bindings that had no effect, after the first step of this process: all is built then."""

    def __init__(self) -> None:
        super().__init__()
        self._warned = False

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if not self._warned:
            self._warned = True
            warn_of_unused()


class StopOnSignal(keras.callbacks.Callback):
    """Ends training after the step, or the scores, in which a signal came; it is the last callback.

    Args:
        signals: the object that `noting_signals` yields.
    """

    def __init__(self, signals: Noted):
        super().__init__()
        self._signals = signals

    @property
    def is_finished(self) -> bool:
        """Whether a signal has come."""
        return self._signals.number is not None

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.model.stop_training |= self.is_finished

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        # It may have come while the other callbacks computed scores.
        self.model.stop_training |= self.is_finished


def saved_steps(folder: str | os.PathLike) -> list[int]:
    """Steps of the checkpoints in a folder, the latest first.

    The index of a checkpoint is written last, so one that has an index is whole.
    """
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = [re.fullmatch(rf"{_PREFIX}(\d+)\.index", name) for name in names]
    return sorted((int(match[1]) for match in found if match), reverse=True)


class Checkpoints(keras.callbacks.Callback):
    """Saves weights, optimiser state and step, at certain steps and at the end of training.

    Args:
        folder: path of the folder of checkpoints; the last two are kept.
        model: the compiled model.
        every: numbers of steps; a checkpoint is saved at the end of the interval that reaches a
            multiple of any of them.
        **further: further objects whose state is saved.
    """

    def __init__(
        self, folder: str | os.PathLike, model: keras.Model, every: Sequence[int], **further
    ):
        super().__init__()
        self._every = tuple(every)
        terms = getattr(model, "trained_terms", ())
        own = {f"{term.name}_optimizer": term.optimizer for term in terms}
        # A checkpoint of a model has its weights, but not the states of its random generators.
        seeds = [v.value for v in model.non_trainable_variables if v.name == SEED_STATE]
        own |= {"seeds": seeds} if seeds else {}
        # It lacks those of layers that are in a list as well: the optimiser has the trainable ones.
        fixed = [weight.value for weight in model.non_trainable_weights]
        own |= {"statistics": fixed} if fixed else {}
        checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer, **own, **further)
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        for half_written in self._folder.glob(f"{_PREFIX}*_temp"):  # By a process that was killed.
            remove(half_written)
        self._plain = PlainPath(folder)
        self._manager = tf.train.CheckpointManager(checkpoint, self._plain.path, max_to_keep=2)
        self._optimizer = model.optimizer
        self._last = 0

    @property
    def any_saved(self) -> bool:
        """Whether there is a checkpoint."""
        return bool(saved_steps(self._folder))

    def restore(self) -> int:
        """Restores the latest checkpoint that can be read, if there is any; returns the step.

        Raises:
            ValueError: there are checkpoints, and none can be read.
        """
        steps = saved_steps(self._folder)
        for step in steps:
            try:
                self._read(step)
                break
            except _UNREADABLE as error:
                reason = str(error).partition("\n")[0]
                logging.warning("The checkpoint of step %d is damaged: %s", step, reason)
        else:
            if steps:
                raise ValueError(
                    f"Expected a checkpoint that can be read in {self._folder}. Received: those of the "
                    f"steps {', '.join(map(str, steps))}, all of them damaged. Fix: put a copy there, or "
                    "start again with --overwrite."
                )
        self._last = updates_made(self._optimizer)
        return self._last

    def _read(self, step):
        path = os.path.join(self._plain.path, f"{_PREFIX}{step}")
        self._manager.checkpoint.restore(path).assert_existing_objects_matched()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = updates_made(self._optimizer)
        if any(step // every > self._last // every for every in self._every):
            self.save()

    def save(self) -> None:
        """Saves now, unless this step is saved already."""
        step = updates_made(self._optimizer)
        if step != self._last or not self.any_saved:
            with explaining_a_full_disk(self._plain.path):
                self._manager.save(checkpoint_number=step)
        self._last = step
