"""Means of a step's scalars over an interval, and the first step that was not finite."""

from collections.abc import Sequence

import keras
import tensorflow as tf


class StepStatistics(keras.metrics.Metric):
    """Mean of every scalar since the last reset, kept in one vector: two small updates in a step.

    It also remembers the scalars of the first update that was not finite, with its position, so that
    training can name the step even when many steps run in one execution.

    Args:
        names: names of the scalars, in order.

    Example:
        >>> statistics = StepStatistics(["loss"])
        >>> statistics.update_state({"loss": tf.constant(2.0)})
        >>> statistics.update_state({"loss": tf.constant(4.0)})
        >>> float(statistics.result()["loss"])
        3.0
    """

    def __init__(self, names: Sequence[str], name: str = "statistics"):
        super().__init__(name=name, dtype="float32")
        self.names = list(names)
        shape = (len(self.names),)
        self.total = self.add_variable(shape, initializer="zeros", name="total")
        self.count = self.add_variable((), initializer="zeros", dtype="float32", name="count")
        self.bad_values = self.add_variable(shape, initializer="zeros", name="bad_values")
        self.bad_position = self.add_variable((), initializer="zeros", name="bad_position")

    def update_state(self, losses: dict[str, tf.Tensor]) -> None:
        """Adds one step's scalars; `losses` has every name."""
        values = tf.stack([tf.cast(losses[name], tf.float32) for name in self.names])
        self.count.assign_add(1.0)
        self.total.assign_add(values)
        finite = tf.reduce_all(tf.math.is_finite(values))
        is_first = tf.logical_and(tf.equal(self.bad_position.value, 0.0), tf.logical_not(finite))
        self.bad_values.assign(tf.where(is_first, values, self.bad_values.value))
        self.bad_position.assign(tf.where(is_first, self.count.value, self.bad_position.value))

    def result(self) -> dict[str, tf.Tensor]:
        """Means by name since the last reset."""
        means = self.total / tf.maximum(self.count, 1.0)
        return dict(zip(self.names, tf.unstack(means), strict=True))

    def first_not_finite(self) -> tuple[int, dict[str, float]] | None:
        """Position since the reset (from 1) and scalars of the first bad update; None if all were finite."""
        position = int(tf.convert_to_tensor(self.bad_position.value))
        if not position:
            return None
        values = tf.convert_to_tensor(self.bad_values.value).numpy().tolist()
        return position, dict(zip(self.names, values, strict=True))
