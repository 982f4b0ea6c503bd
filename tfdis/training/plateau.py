"""Lowers the learning rate when the training loss no longer falls."""

import functools

import gin
import keras
import tensorflow as tf
from absl import logging


@gin.register("learning_rate_plateau", module="tfdis.training")
class LearningRatePlateau(keras.callbacks.Callback):
    """Multiplies the learning rate by `factor` after `patience` epochs without improvement.

    An epoch improves if the mean training loss of its steps is less than (1 - threshold) times that
    of the best epoch before. The rule's state is saved in checkpoints of `state`, so that a resumed
    run goes on exactly; Keras's `ReduceLROnPlateau`, which any `fit` takes too, starts anew. In gin:
    `model.plateau = @learning_rate_plateau()`.

    Args:
        epoch_steps: number of steps in an epoch, which ends at the first Keras epoch
            (in `bin/train`: logging interval) that reaches a multiple of it. None for Keras's own
            epochs (in `bin/train`: logging intervals).
        factor: factor of the learning rate, between 0 and 1.
        patience: number of epochs without improvement, at least 1.
        min_learning_rate: lowest learning rate.
        threshold: relative improvement that counts.

    Raises:
        ValueError: an option out of range; in training, a learning rate that is a schedule.
    """

    def __init__(
        self,
        epoch_steps: int | None = None,
        factor: float = 0.95,
        patience: int = 2,
        min_learning_rate: float = 1e-4,
        threshold: float = 1e-4,
    ):
        super().__init__()
        is_count = epoch_steps is None or epoch_steps >= 1
        if not (is_count and 0 < factor < 1 and patience >= 1 and min_learning_rate >= 0):
            raise ValueError(
                "learning_rate_plateau: expected epoch_steps and patience of at least 1, factor between "
                f"0 and 1, min_learning_rate of at least 0. Received: epoch_steps={epoch_steps}, "
                f"factor={factor}, patience={patience}, min_learning_rate={min_learning_rate}."
            )
        self.epoch_steps = epoch_steps
        self.factor = factor
        self.patience = patience
        self.min_learning_rate = min_learning_rate
        self.threshold = threshold
        self._step = 0

    @functools.cached_property
    def state(self) -> tf.train.Checkpoint:
        """The remembered state; made on first use, since gin builds the rule before TensorFlow starts."""
        # Sum of the losses and number of steps in this epoch, best epoch, epochs since then.
        initial = {"total": 0.0, "count": 0.0, "best": float("inf"), "waited": 0.0}
        return tf.train.Checkpoint(
            **{name: tf.Variable(value, dtype=tf.float64) for name, value in initial.items()}
        )

    def on_train_begin(self, logs: dict | None = None) -> None:
        if not isinstance(self.model.optimizer._learning_rate, keras.Variable):
            raise ValueError(
                "learning_rate_plateau changes the learning rate: expected it to be a number. Received "
                "a schedule. Leave one of the two out."
            )
        self._step = int(self.model.optimizer.iterations)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step, state = int(self.model.optimizer.iterations), self.state
        state.total.assign_add(float(logs["loss"]) * (step - self._step))
        state.count.assign_add(float(step - self._step))
        is_end = (
            self.epoch_steps is None or step // self.epoch_steps > self._step // self.epoch_steps
        )
        self._step = step
        if is_end:
            self._end_epoch(float(state.total / state.count))
            state.total.assign(0.0)
            state.count.assign(0.0)

    def _end_epoch(self, loss):
        best = float(self.state.best)
        if loss < best - self.threshold * abs(best) or best == float("inf"):
            self.state.best.assign(loss)
            self.state.waited.assign(0.0)
            return
        self.state.waited.assign_add(1.0)
        if float(self.state.waited) >= self.patience:
            self._reduce()
            self.state.waited.assign(0.0)

    def _reduce(self):
        optimizer = self.model.optimizer
        old = float(tf.convert_to_tensor(optimizer.learning_rate))
        new = max(old * self.factor, self.min_learning_rate)
        if new < old:
            optimizer.learning_rate = new
            logging.info("Learning rate %g -> %g at step %d.", old, new, self._step)
