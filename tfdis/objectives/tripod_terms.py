"""Tripod's two terms: latents share no information, and no two of them act on one output together."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term

_STREAM = 0x4E4850
_NUM_DIRECTIONS = 2
# Keeps a latent that does not vary from dividing by 0.
_MARGIN = 1e-6


def deviations_of(outputs: Outputs) -> tf.Tensor:
    """Standard deviations `[latent]` over the batch of the codes before rounding, plus 1e-6."""
    quantised = outputs.quantised
    codes = outputs.mean if quantised is None else quantised.continuous
    # The root has no gradient at 0; a variance of 1e-24 does not change the margin.
    return tf.sqrt(tf.math.reduce_variance(codes, axis=0) + 1e-24) + _MARGIN


@registry.objective("kernel_information_term")
class KernelInformation(Term):
    """weight * kernel estimate of the information that latents share; see `tfdis.ops.kernel_multi_information`.

    It compares the codes z of the batch; bandwidths are multiples of the deviations of the codes
    before rounding, through which gradients flow as well. Under a distribution strategy, the batch
    is each replica's.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.
        marginal_bandwidth: "deviation" (the published code), "silverman" or "joint".

    Raises:
        ValueError: a negative weight or an unknown bandwidth.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
    """

    name = "kernel_information"

    def __init__(self, weight: float | Callable = 1.0, marginal_bandwidth: str = "deviation"):
        check_not_negative("KernelInformation", weight=weight)
        if marginal_bandwidth not in ops.BANDWIDTHS:
            raise ValueError(
                f"KernelInformation: expected a marginal_bandwidth of {ops.BANDWIDTHS}. Received: "
                f"{marginal_bandwidth!r}."
            )
        super().__init__(weight)
        self.marginal_bandwidth = marginal_bandwidth

    def value(self, outputs: Outputs) -> tf.Tensor:
        deviations = deviations_of(outputs)
        return ops.kernel_multi_information(outputs.z, deviations, self.marginal_bandwidth)


class HessianPenalty(Term):
    """weight * normalised Hessian penalty of the decoder's layers; see `tfdis.ops.normalised_hessian_penalty`.

    Two directions of random signs and two normal ones for each image, drawn by seed and step; the
    mean over the batch of the sum over layers. The decoder runs on 9 times the batch.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.
        seed: an integer, the seed of the directions.
        layers: function from codes to the outputs of the decoder's layers; the model gives it.

    Raises:
        ValueError: a negative weight.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
    """

    name = "hessian_penalty"

    def __init__(self, weight: float | Callable, seed: int = 0, layers: Callable | None = None):
        check_not_negative("HessianPenalty", weight=weight)
        super().__init__(weight)
        self.seed = seed
        self.layers = layers

    def directions(self, step: tf.Tensor, shape: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Random signs and normal numbers, each `[2, *shape]`, a function of seed and step."""
        shape = tf.concat([[_NUM_DIRECTIONS], shape], axis=0)
        first, second = (ops.seed_at(self.seed, step, _STREAM + i) for i in range(2))
        signs = tf.random.stateless_uniform(shape, first, 0, 2, tf.int32) * 2 - 1
        return tf.cast(signs, tf.float32), tf.random.stateless_normal(shape, second)

    def value(self, outputs: Outputs) -> tf.Tensor:
        directions = self.directions(outputs.draw, tf.shape(outputs.z))
        scale = deviations_of(outputs)
        penalty = ops.normalised_hessian_penalty(self.layers, outputs.z, scale, *directions)
        return tf.reduce_mean(penalty)
