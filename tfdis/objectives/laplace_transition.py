"""The transition between two images of a pair: sparse in the code, SlowVAE's term."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term

FORMS = ("symmetric", "code")


@registry.objective("laplace_transition_term")
class LaplaceTransition(Term):
    """weight * how far each posterior of a pair is from a Laplace density around the other's mean.

    With the means m, m' and variances of the two images of a pair, summed over latents and averaged over
    pairs,

      symmetric:  KL(q || Laplace(m', 1 / rate)) + KL(q' || Laplace(m, 1 / rate))
      code:       CE(q, Laplace(m', 1 / rate)) + CE(q', Laplace(m, 1 / rate)) - (H(q) + H(q')) / 2

    KL = CE - H. The published code ("code") subtracts one entropy from its two cross-entropies, the mean of
    both, so that posteriors are held wide by half as much. Outputs are those of pairs side by side, as
    `SlowVAE` gives them.

    Args:
        weight: gamma, 0 or more; a number or a schedule.
        rate: rate of the Laplace density, above 0: a latent changes by 1 / rate on average.
        form: "symmetric" or "code".

    Raises:
        ValueError: a negative weight, a rate that is not positive, or an unknown form.

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """

    name = "laplace_transition"

    def __init__(self, weight: float | Callable = 10.0, rate: float = 6.0, form: str = "symmetric"):
        check_not_negative("LaplaceTransition", weight=weight)
        if not rate > 0 or form not in FORMS:
            raise ValueError(
                f"LaplaceTransition: expected rate above 0 and form out of {FORMS}. Received: "
                f"rate={rate!r}, form={form!r}."
            )
        super().__init__(weight)
        self.rate = rate
        self.form = form

    def value(self, outputs: Outputs) -> tf.Tensor:
        difference = outputs.mean[0::2] - outputs.mean[1::2]
        both = outputs.log_var[0::2], outputs.log_var[1::2]
        # |difference| has the same distribution from either image.
        cross = sum(ops.laplace_cross_entropy(difference, log_var, self.rate) for log_var in both)
        entropies = sum(ops.gaussian_entropy(log_var) for log_var in both)
        share = 1.0 if self.form == "symmetric" else 0.5
        return tf.reduce_mean(tf.reduce_sum(cross - share * entropies, axis=1))
