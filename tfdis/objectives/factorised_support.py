"""Factorised support: every combination of the latents' values should occur, however often."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term

# Sets the draws of pairs apart from other draws at the same seed and step.
_STREAM = 0x484653


@registry.objective("factorised_support_term")
class FactorisedSupport(Term):
    """weight * sum over pairs of latents of their Hausdorff distance HFS_ij; see `tfdis.ops.support_distance`.

    Unlike a penalty on the total correlation, it allows latents to be correlated, as factors are in
    most data, and only asks that no combination is missing. It is computed on the posterior means
    of the batch; under a distribution strategy, of each replica's part of the batch.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule. The authors' grid: .1 to
            10000 beside a KL divergence, 80 to 2000 without.
        num_pairs: number of pairs that are drawn anew in every step, without replacement; the sum
            over them is not scaled up. None sums over all pairs.
        seed: an integer, the seed of the draws, which are a function of it and of the step.

    Raises:
        ValueError: a negative weight, or fewer than one pair.

    References:
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347.
    """

    name = "factorised_support"

    def __init__(self, weight: float | Callable = 1.0, num_pairs: int | None = 25, seed: int = 0):
        check_not_negative("FactorisedSupport", weight=weight)
        if num_pairs is not None and num_pairs < 1:
            raise ValueError(
                f"FactorisedSupport: expected num_pairs of at least 1, or None. Received: {num_pairs!r}."
            )
        super().__init__(weight)
        self.num_pairs = num_pairs
        self.seed = seed

    def pairs(self, step: tf.Tensor, latent_dim: int) -> tf.Tensor:
        """Pairs of latents `[num_pairs, 2]` at `step`, all of them if there are no more."""
        upper = tf.linalg.band_part(tf.ones([latent_dim, latent_dim]), 0, -1) - tf.eye(latent_dim)
        pairs = tf.where(upper > 0)
        if self.num_pairs is None or self.num_pairs >= latent_dim * (latent_dim - 1) // 2:
            return pairs
        seed = ops.seed_at(self.seed, step, _STREAM)
        order = tf.random.stateless_uniform([latent_dim * (latent_dim - 1) // 2], seed)
        return tf.gather(pairs, tf.argsort(order)[: self.num_pairs])

    def value(self, outputs: Outputs) -> tf.Tensor:
        pairs = self.pairs(outputs.draw, outputs.mean.shape[1])
        return ops.support_distance(outputs.mean, pairs)


@registry.objective("support_shrinkage_term")
class SupportShrinkage(Term):
    """weight * sum over latents of max(0, 1 - deviation of the means); see `tfdis.ops.support_shrinkage`.

    Beside `FactorisedSupport`, whose distances shrink with the codes. The authors' published settings
    have the weight 0.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347.
    """

    name = "support_shrinkage"

    def __init__(self, weight: float | Callable = 1.0):
        check_not_negative("SupportShrinkage", weight=weight)
        super().__init__(weight)

    def value(self, outputs: Outputs) -> tf.Tensor:
        return ops.support_shrinkage(outputs.mean)
