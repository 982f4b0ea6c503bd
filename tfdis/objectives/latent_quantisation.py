"""The two losses of latent quantisation: values move to the codes, and codes to the values."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term


class _Distance(Term):
    """Base of both: they have one value, and differ in what their gradient moves."""

    needs_quantised = True

    def __init__(self, weight: float | Callable = 0.01):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight)


@registry.objective("quantisation_term")
class Quantisation(_Distance):
    """weight * mean over latents and images of (sg(z_j) - v_j)^2, which moves the values v alone.

    z is the continuous code, v the nearest of the latent's values; sg: no gradient passes.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """

    name = "quantisation"

    def value(self, outputs: Outputs) -> tf.Tensor:
        codes = tf.stop_gradient(outputs.quantised.continuous)
        return tf.reduce_mean(tf.square(codes - outputs.quantised.values))


@registry.objective("commitment_term")
class Commitment(_Distance):
    """weight * mean over latents and images of (z_j - sg(v_j))^2, which moves the encoder alone.

    z is the continuous code, v the nearest of the latent's values; sg: no gradient passes.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """

    name = "commitment"

    def value(self, outputs: Outputs) -> tf.Tensor:
        values = tf.stop_gradient(outputs.quantised.values)
        return tf.reduce_mean(tf.square(outputs.quantised.continuous - values))
