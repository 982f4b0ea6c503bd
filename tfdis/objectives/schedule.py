"""Schedules: numbers that depend on the step, for weights, capacities and learning rates.

A schedule is a callable of the step that works in graphs, is saved with the model, and is also a
`keras.optimizers.schedules.LearningRateSchedule`. In gin: `vae.beta = @beta/cosine_schedule()`.
"""

import math
from collections.abc import Callable

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import Configurable


class Schedule(Configurable, keras.optimizers.schedules.LearningRateSchedule):
    """Base of schedules; subclasses implement `at`, and `minimum` for the checks of weights.

    Args:
        steps_per_epoch: number of steps in the unit of time of the other arguments. With 1, time
            counts steps; with the number of steps in an epoch, time counts epochs from 0 and the
            value is constant within one.

    Raises:
        ValueError: steps_per_epoch below 1.
    """

    def __init__(self, steps_per_epoch: int = 1):
        if not steps_per_epoch >= 1:
            raise ValueError(
                f"Expected steps_per_epoch of at least 1. Received: {steps_per_epoch!r}."
            )
        self.steps_per_epoch = steps_per_epoch

    def at(self, time: tf.Tensor) -> tf.Tensor:
        """Value at `time`, a scalar float32 tensor: the step, or the epoch."""
        raise NotImplementedError

    @property
    def minimum(self) -> float:
        """Lowest value that the schedule takes."""
        raise NotImplementedError

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        step = tf.cast(tf.convert_to_tensor(step), tf.int64)
        return self.at(tf.cast(step // self.steps_per_epoch, tf.float32))

    def __add__(self, offset: float) -> "Schedule":
        return ShiftedSchedule(self, offset)

    def __sub__(self, offset: float) -> "Schedule":
        return ShiftedSchedule(self, -offset)


@registry.objective("shifted_schedule")
class ShiftedSchedule(Schedule):
    """schedule + offset: the result of `schedule - 1.0`.

    Args:
        schedule: another schedule.
        offset: number added to it.
    """

    def __init__(self, schedule: Schedule, offset: float):
        super().__init__()
        self.schedule = schedule
        self.offset = offset

    def at(self, time: tf.Tensor) -> tf.Tensor:
        return self.schedule(time) + self.offset

    @property
    def minimum(self) -> float:
        return self.schedule.minimum + self.offset


@registry.objective("constant_schedule")
class ConstantSchedule(Schedule):
    """The same value at every step.

    Args:
        value: the constant value.
    """

    def __init__(self, value: float):
        super().__init__()
        self.value = value

    def at(self, time: tf.Tensor) -> tf.Tensor:
        return tf.fill(tf.shape(time), tf.cast(self.value, tf.float32))

    @property
    def minimum(self) -> float:
        return self.value


class _Ramp(Schedule):
    """From `start` to `end` between two times, constant before and after."""

    def __init__(self, start, end, end_step, start_step=0, steps_per_epoch=1) -> None:
        super().__init__(steps_per_epoch)
        if not end_step > start_step >= 0:
            raise ValueError(
                f"{type(self).__name__}: expected 0 <= start_step < end_step. Received: start_step="
                f"{start_step!r}, end_step={end_step!r}."
            )
        self.start = start
        self.end = end
        self.end_step = end_step
        self.start_step = start_step

    @property
    def minimum(self):
        return min(self.start, self.end)

    def _fraction(self, time):
        length = float(self.end_step - self.start_step)
        return tf.clip_by_value((time - float(self.start_step)) / length, 0.0, 1.0)


@registry.objective("linear_schedule")
class LinearSchedule(_Ramp):
    """start + (end - start) (t - t_s) / (t_e - t_s), constant outside [t_s, t_e].

    Args:
        start: value up to start_step.
        end: value from end_step on.
        end_step: t_e, the time from which the value is `end`.
        start_step: t_s, the time up to which the value is `start`, 0 or more and less than
            end_step.
        steps_per_epoch: as for `Schedule`; with it, t_s and t_e count epochs.

    Raises:
        ValueError: start_step is not before end_step.

    Example:
        >>> float(LinearSchedule(start=0.0, end=4.0, end_step=100)(25))
        1.0
    """

    def at(self, time: tf.Tensor) -> tf.Tensor:
        return self.start + (self.end - self.start) * self._fraction(time)


@registry.objective("cosine_schedule")
class CosineSchedule(_Ramp):
    """end - (end - start) (1 + cos(pi (t - t_s) / (t_e - t_s))) / 2, constant outside [t_s, t_e].

    Args:
        start: value up to start_step.
        end: value from end_step on.
        end_step: t_e, the time from which the value is `end`.
        start_step: t_s, the time up to which the value is `start`, 0 or more and less than
            end_step.
        steps_per_epoch: as for `Schedule`; with it, t_s and t_e count epochs.

    Raises:
        ValueError: start_step is not before end_step.

    Example:
        >>> round(float(CosineSchedule(start=0.0, end=4.0, end_step=100)(50)), 5)
        2.0
    """

    def at(self, time: tf.Tensor) -> tf.Tensor:
        wave = 0.5 * (1.0 + tf.cos(math.pi * self._fraction(time)))
        return self.end - (self.end - self.start) * wave


@registry.objective("exponential_schedule")
class ExponentialSchedule(Schedule):
    """start * exp(-rate t), by `keras.optimizers.schedules.ExponentialDecay`.

    Args:
        start: value at step 0.
        rate: rate of the decay, 0 or more.
        steps_per_epoch: as for `Schedule`; with it, t counts epochs.

    Raises:
        ValueError: a negative rate.

    Example:
        >>> round(float(ExponentialSchedule(start=2.0, rate=0.1)(10)), 5)
        0.73576
    """

    def __init__(self, start: float, rate: float, steps_per_epoch: int = 1):
        super().__init__(steps_per_epoch)
        if not rate >= 0:
            raise ValueError(
                f"ExponentialSchedule: expected a rate of 0 or more. Received: {rate!r}."
            )
        self.start = start
        self.rate = rate

    def at(self, time: tf.Tensor) -> tf.Tensor:
        # 1 / e in each 1 / rate steps: a factor near 1 for each step would lose digits of the rate.
        steps = 1.0 / self.rate if self.rate else math.inf
        decay = keras.optimizers.schedules.ExponentialDecay
        return decay(float(self.start), steps, math.exp(-1.0))(time)

    @property
    def minimum(self) -> float:
        return min(self.start, 0.0)


@registry.objective("cosine_restarts_schedule")
class CosineRestartsSchedule(Schedule):
    """From `start` to `end` along half a cosine, again and again.

    Args:
        start: value at the beginning of every period.
        end: value that is approached at the end of every period.
        period: length of the first period.
        period_factor: factor by which each period is longer than the one before, at least 1.
        steps_per_epoch: as for `Schedule`; with it, the period counts epochs.

    Raises:
        ValueError: a period below 1 or a factor below 1.

    References:
        Loshchilov and Hutter (2017), "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR.
        arXiv:1608.03983 (equation 5).
    """

    def __init__(
        self,
        start: float,
        end: float,
        period: float,
        period_factor: float = 1.0,
        steps_per_epoch: int = 1,
    ):
        super().__init__(steps_per_epoch)
        if not (period >= 1 and period_factor >= 1):
            raise ValueError(
                "CosineRestartsSchedule: expected period and period_factor of at least 1. Received: "
                f"period={period!r}, period_factor={period_factor!r}."
            )
        self.start = start
        self.end = end
        self.period = period
        self.period_factor = period_factor

    def at(self, time: tf.Tensor) -> tf.Tensor:
        time = time / float(self.period)
        factor = float(self.period_factor)
        if factor == 1.0:
            fraction = time - tf.floor(time)
        else:
            # Period n starts at (factor^n - 1) / (factor - 1) and has length factor^n. The margin keeps
            # the logarithm's rounding from ending a period one step late.
            index = tf.floor(tf.math.log(time * (factor - 1.0) + 1.0) / math.log(factor) + 1e-5)
            length = tf.pow(factor, index)
            fraction = (time - (length - 1.0) / (factor - 1.0)) / length
        wave = 0.5 * (1.0 + tf.cos(math.pi * tf.clip_by_value(fraction, 0.0, 1.0)))
        return self.end - (self.end - self.start) * wave

    @property
    def minimum(self) -> float:
        return min(self.start, self.end)


@registry.objective("staircase_schedule")
class StaircaseSchedule(Schedule):
    """min(maximum, start + increase * floor((t + 1) / period)): a rise at once every `period` steps.

    The first rise is at the step period - 1, which is the last of the first `period` steps, as in
    ControlVAE's published code.

    Args:
        start: value at the beginning.
        increase: what is added at every rise, 0 or more.
        period: number of steps between rises, at least 1.
        maximum: highest value, at least `start`.

    Raises:
        ValueError: a negative increase, a period below 1, or a maximum below the start.

    Example:
        >>> [round(float(StaircaseSchedule(0.5, 0.15, 10, 0.75)(step)), 2) for step in (8, 9, 19, 50)]
        [0.5, 0.65, 0.75, 0.75]

    References:
        Shao et al. (2020), "ControlVAE: Controllable Variational Autoencoder", ICML.
        arXiv:2004.05988.
    """

    def __init__(self, start: float, increase: float, period: int, maximum: float):
        super().__init__()
        if not (increase >= 0 and period >= 1 and maximum >= start):
            raise ValueError(
                "StaircaseSchedule: expected increase of at least 0, period of at least 1 and maximum of at "
                f"least start. Received: start={start!r}, increase={increase!r}, period={period!r}, "
                f"maximum={maximum!r}."
            )
        self.start = start
        self.increase = increase
        self.period = period
        self.maximum = maximum

    def at(self, time: tf.Tensor) -> tf.Tensor:
        rises = tf.floor((time + 1.0) / float(self.period))
        return tf.minimum(self.start + self.increase * rises, self.maximum)

    @property
    def minimum(self) -> float:
        return self.start


def at_step(value: float | Callable, step: tf.Tensor) -> tf.Tensor | float:
    """Value of a number or of a schedule (a callable of the step) at `step`."""
    return value(step) if callable(value) else value
