"""Schedules of learning rates that fall by factors, or go up and down; Keras computes those that it has."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.schedule import Schedule

CYCLES = ("triangular", "triangular2", "exp_range")


@registry.objective("step_schedule")
class StepSchedule(Schedule):
    """start * factor ** floor(t / every), by `keras.optimizers.schedules.ExponentialDecay`.

    Args:
        start: value up to the time `every`.
        factor: factor of every step, above 0.
        every: time between two steps.
        steps_per_epoch: as for `Schedule`; with it, time counts epochs.

    Raises:
        ValueError: a factor or `every` that is not above 0.

    Example:
        >>> [float(StepSchedule(start=8.0, factor=0.5, every=10)(step)) for step in (9, 10, 20)]
        [8.0, 4.0, 2.0]
    """

    def __init__(self, start: float, factor: float, every: float, steps_per_epoch: int = 1):
        super().__init__(steps_per_epoch)
        if not (factor > 0 and every > 0):
            raise ValueError(
                "StepSchedule: expected factor and every above 0. Received: "
                f"factor={factor!r}, every={every!r}."
            )
        self.start = start
        self.factor = factor
        self.every = every

    def at(self, time: tf.Tensor) -> tf.Tensor:
        decay = keras.optimizers.schedules.ExponentialDecay
        return decay(self.start, self.every, self.factor, staircase=True)(time)

    @property
    def minimum(self) -> float:
        # A factor below 1 leads towards 0 from either side.
        return min(self.start, 0.0) if self.factor < 1 else self.start


@registry.objective("multi_step_schedule")
class MultiStepSchedule(Schedule):
    """start * factor ** (number of milestones <= t), by Keras's `PiecewiseConstantDecay`.

    Args:
        start: value up to the first milestone.
        factor: factor at every milestone.
        milestones: times at which the value changes, ascending, 1 or more.
        steps_per_epoch: as for `Schedule`; with it, milestones count epochs.

    Raises:
        ValueError: milestones that do not ascend, or none.

    Example:
        >>> schedule = MultiStepSchedule(start=8.0, factor=0.5, milestones=(10, 30))
        >>> [float(schedule(step)) for step in (9, 10, 29, 30)]
        [8.0, 4.0, 4.0, 2.0]
    """

    def __init__(
        self, start: float, factor: float, milestones: Sequence[int], steps_per_epoch: int = 1
    ):
        super().__init__(steps_per_epoch)
        milestones = list(milestones)
        if not milestones or milestones[0] < 1 or sorted(set(milestones)) != milestones:
            raise ValueError(
                "MultiStepSchedule: expected milestones of 1 or more in ascending order. Received: "
                f"{milestones!r}."
            )
        self.start = start
        self.factor = factor
        self.milestones = milestones

    @property
    def _values(self):
        return [self.start * self.factor**index for index in range(len(self.milestones) + 1)]

    def at(self, time: tf.Tensor) -> tf.Tensor:
        # Keras's values change after the boundary.
        boundaries = [float(milestone - 1) for milestone in self.milestones]
        piecewise = keras.optimizers.schedules.PiecewiseConstantDecay
        return piecewise(boundaries, [float(value) for value in self._values])(time)

    @property
    def minimum(self) -> float:
        return min(self._values)


@registry.objective("cyclic_schedule")
class CyclicSchedule(Schedule):
    """low + (high - low) max(0, 1 - |t / half_period - 2 cycle + 1|) scale, cycles counted from 1.

    Args:
        low: value at the beginning and at the end of a cycle.
        high: value in the middle of the first cycle.
        half_period: time from `low` to `high`, and from there back.
        mode: "triangular" for a scale of 1; "triangular2" for one that is halved after each cycle;
            "exp_range" for decay ** t.
        decay: base of the scale of "exp_range".
        steps_per_epoch: as for `Schedule`; with it, time counts epochs.

    Raises:
        ValueError: a half period below 1 or an unknown mode.

    Example:
        >>> [float(CyclicSchedule(low=1.0, high=3.0, half_period=10)(step)) for step in (0, 5, 10, 20)]
        [1.0, 2.0, 3.0, 1.0]

    References:
        Smith (2017), "Cyclical Learning Rates for Training Neural Networks", WACV.
        arXiv:1506.01186 (section 3.2).
    """

    def __init__(
        self,
        low: float,
        high: float,
        half_period: float,
        mode: str = "triangular",
        decay: float = 1.0,
        steps_per_epoch: int = 1,
    ):
        super().__init__(steps_per_epoch)
        if not half_period >= 1 or mode not in CYCLES:
            raise ValueError(
                f"CyclicSchedule: expected half_period of at least 1 and mode one of {CYCLES}. Received: "
                f"half_period={half_period!r}, mode={mode!r}."
            )
        self.low = low
        self.high = high
        self.half_period = half_period
        self.mode = mode
        self.decay = decay

    def at(self, time: tf.Tensor) -> tf.Tensor:
        halves = time / float(self.half_period)
        cycle = tf.floor(1.0 + halves / 2.0)
        height = tf.maximum(0.0, 1.0 - tf.abs(halves - 2.0 * cycle + 1.0))
        if self.mode == "triangular2":
            height *= tf.pow(0.5, cycle - 1.0)
        elif self.mode == "exp_range":
            height *= tf.pow(float(self.decay), time)
        return self.low + (self.high - self.low) * height

    @property
    def minimum(self) -> float:
        return min(self.low, self.high)
