"""Steps of a schedule where they are not updates of the weights: numbers of updates, learning rates."""

import math
from collections.abc import Callable

import keras
import tensorflow as tf

from tfdis.objectives.configurable import Saved

STEP_COUNTINGS = ("updates", "dlib")


def check_step_counting(step_counting: str) -> str:
    """Returns the name of a way to count steps; raises ValueError if there is no such way."""
    if step_counting not in STEP_COUNTINGS:
        raise ValueError(
            f"Expected step_counting out of {STEP_COUNTINGS}. Received: {step_counting!r}."
        )
    return step_counting


@keras.saving.register_keras_serializable(package="tfdis")
class RateOfSteps(Saved, keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a schedule that counts steps, at the iterations of an optimiser.

    Args:
        schedule: learning rate as a function of the step.
        steps_per_update: number of steps in one update of the model.
        iterations_per_update: number of iterations of the optimiser in one update of the model.

    Example:
        >>> halved = keras.optimizers.schedules.PiecewiseConstantDecay([9], [1.0, 0.5])
        >>> [float(RateOfSteps(halved, 2)(update)) for update in (4, 5)]
        [1.0, 0.5]
        >>> [float(RateOfSteps(halved, 2, 2)(iteration)) for iteration in (9, 10)]
        [1.0, 0.5]
    """

    def __init__(self, schedule: Callable, steps_per_update: int, iterations_per_update: int = 1):
        self.schedule = schedule
        self.steps_per_update = steps_per_update
        self.iterations_per_update = iterations_per_update

    def __call__(self, iteration: tf.Tensor) -> tf.Tensor:
        update = tf.convert_to_tensor(iteration) // self.iterations_per_update
        return self.schedule(update * self.steps_per_update)


def num_updates(training_steps: int, steps_per_update: int) -> int:
    """Number of updates in a run of some steps, ceil((training_steps - 1) / steps_per_update) + 1.

    TensorFlow 1's Estimator does the same: it ends with the first update that starts at the step
    training_steps - 1 or later, so that 1500 steps of two optimisers are 751 updates.

    Args:
        training_steps: number of steps in the run; 0 means no update.
        steps_per_update: number of steps in one update.

    Example:
        >>> [num_updates(steps, 1) for steps in (0, 1, 1500)]
        [0, 1, 1500]
        >>> [num_updates(steps, 2) for steps in (0, 10, 11, 1500)]
        [0, 6, 6, 751]
    """
    return math.ceil((training_steps - 1) / steps_per_update) + 1 if training_steps else 0


def count_steps(
    optimizer: keras.optimizers.Optimizer, steps_per_update: int, iterations_per_update: int = 1
) -> None:
    """Makes an optimiser, which counts its iterations, read its learning rate's schedule at the step.

    A second call with the same numbers changes nothing.

    Args:
        optimizer: any Keras optimiser; its learning rate may be constant.
        steps_per_update: number of steps in one update of the model.
        iterations_per_update: number of iterations of the optimiser in one update of the model.
    """
    # The inner optimiser of Keras's loss scaling.
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    schedule = optimizer._learning_rate
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return
    if isinstance(schedule, RateOfSteps):
        schedule = schedule.schedule
    if steps_per_update > 1 or iterations_per_update > 1:
        schedule = RateOfSteps(schedule, steps_per_update, iterations_per_update)
    optimizer.learning_rate = schedule
