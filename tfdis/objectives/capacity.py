"""The capacity C of a code, in nats: |KL - C| is minimised in place of a KL divergence."""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.schedule import Schedule, at_step
from tfdis.objectives.term import Outputs, Term


@dataclasses.dataclass(frozen=True)
class Capacity:
    """A bound of KL divergences.

    Attributes:
        nats: C, a number or a schedule.
        per_image: whether the absolute value is taken of every image's deviation (equation 2 of
            Abdi et al.) rather than of the batch mean's (their code, and Burgess et al.).
    """

    nats: Schedule | float
    per_image: bool = False

    def deviation(self, kl: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """|KL - C(step)|, the mean of it where `kl` is that of every image, `[batch]`."""
        nats = tf.cast(at_step(self.nats, step), tf.float32)
        return tf.reduce_mean(tf.abs(kl - nats))


@registry.objective("capacity_schedule")
class CapacitySchedule(Schedule):
    """C(t) = min(C_max, C_max t / T): the capacity of "Understanding disentangling in beta-VAE".

    Args:
        c_max: final capacity C_max in nats, 0 or more.
        iteration_threshold: the step T at which it is reached, at least 1.

    Raises:
        ValueError: a negative capacity, or a threshold below 1.

    Example:
        >>> float(CapacitySchedule(c_max=25.0, iteration_threshold=2000)(500))
        6.25

    References:
        Burgess et al. (2018), "Understanding disentangling in beta-VAE". arXiv:1804.03599.
    """

    def __init__(self, c_max: float, iteration_threshold: int):
        super().__init__()
        if not (c_max >= 0 and iteration_threshold >= 1):
            raise ValueError(
                "CapacitySchedule: expected c_max of at least 0 and iteration_threshold of at least 1. "
                f"Received: c_max={c_max!r}, iteration_threshold={iteration_threshold!r}."
            )
        self.c_max = c_max
        self.iteration_threshold = iteration_threshold

    def at(self, time: tf.Tensor) -> tf.Tensor:
        return self.c_max * tf.minimum(time / float(self.iteration_threshold), 1.0)

    @property
    def minimum(self) -> float:
        return 0.0


@registry.objective("capacity_kl_term")
class CapacityKL(Term):
    """gamma * |KL - C(t)| with the capacity C(t) = min(C_max, C_max * t / T) (equation 8).

    Args:
        weight: gamma, 0 or more.
        c_max: final capacity C_max in nats; see `CapacitySchedule`.
        iteration_threshold: the step T at which the capacity reaches C_max, at least 1.

    Raises:
        ValueError: a negative weight or capacity, or a threshold below 1.

    References:
        Burgess et al. (2018), "Understanding disentangling in beta-VAE". arXiv:1804.03599.
    """

    name = "capacity_deviation"
    holds_kl = True

    def __init__(self, weight: float | Callable, c_max: float, iteration_threshold: int):
        check_not_negative("CapacityKL", weight=weight)
        super().__init__(weight)
        self.c_max = c_max
        self.iteration_threshold = iteration_threshold
        self.capacity = CapacitySchedule(c_max, iteration_threshold)

    def value(self, outputs: Outputs) -> tf.Tensor:
        return Capacity(self.capacity).deviation(outputs.kl, outputs.step)
