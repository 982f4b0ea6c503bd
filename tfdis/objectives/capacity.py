"""The annealed capacity term of "Understanding disentangling in beta-VAE"."""

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term


@registry.objective("capacity_kl_term")
class CapacityKL(Term):
    """gamma * |KL - C(t)| with the capacity C(t) = min(C_max, C_max * t / T) (equation 8).

    Args:
      weight: gamma, 0 or more.
      c_max: final capacity C_max in nats.
      iteration_threshold: step T at which the capacity reaches C_max, at least 1.

    Raises:
      ValueError: a negative weight or capacity, or a threshold below 1.

    References:
      Understanding disentangling in beta-VAE. Christopher P. Burgess et al. 2018. arXiv:1804.03599.
    """

    name = "capacity_deviation"

    def __init__(self, weight, c_max, iteration_threshold):
        check_not_negative("CapacityKL", weight=weight, c_max=c_max)
        if not iteration_threshold >= 1:
            raise ValueError(
                "CapacityKL: expected iteration_threshold, the step at which the capacity is reached, "
                f"to be at least 1. Received: {iteration_threshold!r}."
            )
        super().__init__(weight)
        self.c_max = c_max
        self.iteration_threshold = iteration_threshold

    def capacity(self, step) -> tf.Tensor:
        """Capacity C(t) in nats at `step`."""
        fraction = tf.cast(step, tf.float32) / float(self.iteration_threshold)
        return self.c_max * tf.minimum(fraction, 1.0)

    def value(self, outputs: Outputs):
        return tf.abs(outputs.kl - self.capacity(outputs.step))
