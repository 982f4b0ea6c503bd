"""The penalty of DIP-VAE I and II."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term


@registry.objective("dip_penalty_term")
class DIPPenalty(Term):
    """weight * [lambda_od sum_offdiag C^2 + lambda_d sum (diag C - 1)^2]; see `tfdis.ops.dip_penalty`.

    Args:
        lambda_od: weight of the off-diagonal entries of the codes' covariance C, 0 or more.
        lambda_d: weight of the distance of its diagonal from 1, 0 or more.
        kind: "i" for the covariance of the posterior means, "ii" for that of the samples.
        weight: factor of the whole penalty, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight, or an unknown kind.

    References:
        Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from Unlabeled
        Observations", ICLR. arXiv:1711.00848.
    """

    name = "dip_penalty"

    def __init__(
        self, lambda_od: float, lambda_d: float, kind: str = "i", weight: float | Callable = 1.0
    ):
        check_not_negative("DIPPenalty", lambda_od=lambda_od, lambda_d=lambda_d, weight=weight)
        ops.check_dip_kind(kind)
        super().__init__(weight)
        self.lambda_od = lambda_od
        self.lambda_d = lambda_d
        self.kind = kind

    def value(self, outputs: Outputs) -> tf.Tensor:
        return ops.dip_penalty(
            outputs.mean, outputs.log_var, self.kind, self.lambda_od, self.lambda_d
        )
