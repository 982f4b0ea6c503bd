"""The KL divergence to the prior, beta-VAE's regulariser."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term


@registry.objective("kl_term")
class KL(Term):
    """beta * KL(q(z|x) || N(0, I)): summed over latents, mean over the batch (equation 4).

    Args:
        weight: beta, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    Example:
        >>> KL(weight=4.0)
        KL(weight=4.0)

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR.
        https://openreview.net/forum?id=Sy2fzU9gl.
    """

    name = "kl"
    is_kl = True

    def __init__(self, weight: float | Callable = 1.0):
        check_not_negative("KL", weight=weight)
        super().__init__(weight)

    def value(self, outputs: Outputs) -> tf.Tensor:
        return outputs.kl

    def per_image(self, outputs: Outputs) -> tf.Tensor:
        return outputs.kl_per_image
