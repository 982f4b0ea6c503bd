"""FactorQVAE's two terms: how evenly values are used, and the total correlation of soft assignments."""

from collections.abc import Callable

import tensorflow as tf

from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.factor_tc import FactorTC
from tfdis.objectives.term import Outputs, Term

_MARGIN = 1e-10


class CodebookKL(Term):
    """weight * mean over latents and images of KL(p || uniform), p the softmax of -(z - v)^2 over values v.

      sum_k p_k log(K p_k + 1e-10),  K values

    p has no temperature, also where the assignments have one.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Baykal et al. (2024), "Disentanglement with Factor Quantized Variational Autoencoders".
        arXiv:2409.14851.
    """

    name = "codebook_kl"
    needs_quantised = True

    def __init__(self, weight: float | Callable = 1e-3):
        check_not_negative("CodebookKL", weight=weight)
        super().__init__(weight)

    def value(self, outputs: Outputs) -> tf.Tensor:
        p = tf.nn.softmax(outputs.quantised.logits)
        num_values = tf.cast(tf.shape(p)[-1], p.dtype)
        return tf.reduce_mean(tf.reduce_sum(p * tf.math.log(num_values * p + _MARGIN), axis=-1))


class AssignmentTC(FactorTC):
    """gamma * E[D_0(w) - D_1(w)] of the weights w with which each latent takes each value; see `FactorTC`.

    The discriminator sees the weights of all latents in one vector; its permuted ones exchange whole
    latents between images. As for `FactorTC`, its own loss moves it alone.

    Args:
        *args: as for `FactorTC`.
        **kwargs: as for `FactorTC`.

    References:
        Baykal et al. (2024), "Disentanglement with Factor Quantized Variational Autoencoders".
        arXiv:2409.14851.
    """

    needs_quantised = True

    def codes(self, outputs: Outputs) -> tf.Tensor:
        return outputs.quantised.weights
