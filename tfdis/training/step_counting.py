"""Steps where an update of the weights is several of them: how many updates, and learning rates."""

import math

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfdis")
class RateOfSteps(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a schedule of the step, by the number of updates.

    Args:
      schedule: learning rate by step.
      steps_per_update: steps in one update.

    Example:
      >>> halved = keras.optimizers.schedules.PiecewiseConstantDecay([9], [1.0, 0.5])
      >>> [float(RateOfSteps(halved, 2)(update)) for update in (4, 5)]
      [1.0, 0.5]
    """

    def __init__(self, schedule, steps_per_update: int):
        self.schedule = schedule
        self.steps_per_update = steps_per_update

    def __call__(self, update):
        return self.schedule(tf.convert_to_tensor(update) * self.steps_per_update)

    def get_config(self):
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "steps_per_update": self.steps_per_update,
        }

    @classmethod
    def from_config(cls, config):
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["steps_per_update"])


def num_updates(training_steps: int, steps_per_update: int) -> int:
    """Number of updates in a run of so many steps, ceil((training_steps - 1) / steps_per_update) + 1.

    As TensorFlow 1's Estimator, which ends with the first update that starts at the step
    training_steps - 1 or later: 1500 steps of two optimisers are 751 updates.

    Args:
      training_steps: steps of the run; 0 is no update.
      steps_per_update: steps in one update.

    Example:
      >>> [num_updates(steps, 1) for steps in (0, 1, 1500)]
      [0, 1, 1500]
      >>> [num_updates(steps, 2) for steps in (0, 10, 11, 1500)]
      [0, 6, 6, 751]
    """
    return math.ceil((training_steps - 1) / steps_per_update) + 1 if training_steps else 0


def count_steps(optimizer: keras.optimizers.Optimizer, steps_per_update: int) -> None:
    """Makes an optimiser, which counts updates, read its learning rate's schedule at the step.

    Args:
      optimizer: one that has made no update yet.
      steps_per_update: steps in one update; 1 changes nothing.
    """
    schedule = optimizer._learning_rate
    if steps_per_update > 1 and isinstance(
        schedule, keras.optimizers.schedules.LearningRateSchedule
    ):
        optimizer.learning_rate = RateOfSteps(schedule, steps_per_update)
