"""The weighted parts of the KL divergence: beta-TCVAE in its general form."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.schedule import at_step
from tfdis.objectives.term import Outputs, Term


@registry.objective("elbo_decomposition_term")
class ELBODecomposition(Term):
    """weight * [alpha I(z; x) + beta TC(z) + gamma sum_l KL(q(z_l) || p(z_l))] (equation 4).

    It stands for the KL term: with alpha = beta = gamma = 1 it is the KL divergence of the sampled
    z (its Monte-Carlo estimate, not the closed form). The parts are estimated on the batch; see
    `tfdis.ops.elbo_decomposition`. As in `TotalCorrelation`, "mws" is minimised while "even" is
    logged.

    Args:
        alpha: weight of the mutual information, 0 or more.
        beta: weight of the total correlation, 0 or more.
        gamma: weight of the dimension-wise KL divergence, 0 or more.
        estimator: "mws", "mss" or "even".
        dataset_size: number of images of the data set, which "mss" needs. By default the model's.
        weight: factor of the whole, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight, or "mss" without a data set size.

    References:
        Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
        NeurIPS. arXiv:1802.04942.
    """

    name = "decomposed_kl"

    def __init__(
        self,
        alpha: float = 1.0,
        beta: float = 1.0,
        gamma: float = 1.0,
        estimator: str = "mws",
        dataset_size: int | None = None,
        weight: float | Callable = 1.0,
    ):
        check_not_negative("ELBODecomposition", alpha=alpha, beta=beta, gamma=gamma, weight=weight)
        ops.check_estimator(estimator, dataset_size)
        super().__init__(weight)
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.estimator = estimator
        self.dataset_size = dataset_size

    def value(self, outputs: Outputs) -> tf.Tensor:
        return self._weighted_parts(outputs, self.estimator, self.dataset_size)

    def logged(self, outputs: Outputs, value: tf.Tensor) -> tf.Tensor:
        if self.estimator != "mws":
            return value
        return self._weighted_parts(outputs, "even", self.dataset_size or outputs.dataset_size)

    def _weighted_parts(self, outputs, estimator, dataset_size):
        information, total_correlation, dimension_kl = ops.elbo_decomposition(
            outputs.z, outputs.mean, outputs.log_var, estimator, dataset_size
        )
        return (
            at_step(self.alpha, outputs.step) * information
            + at_step(self.beta, outputs.step) * total_correlation
            + at_step(self.gamma, outputs.step) * dimension_kl
        )
