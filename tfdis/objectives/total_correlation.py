"""The total correlation penalty of beta-TCVAE."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.term import Outputs, Term


@registry.objective("total_correlation_term")
class TotalCorrelation(Term):
    """weight * TC(z), estimated on the batch; see `tfdis.ops.total_correlation`.

    "mws" gives the gradient of beta-TCVAE, but no value that is near the total correlation, so that
    the estimate "even" is logged and counted in the loss instead.

    Args:
        weight: factor of the total correlation; beta - 1 in beta-TCVAE.
        estimator: "mws", "mss" or "even".
        dataset_size: number of images of the data set, which "mss" needs. By default the model's.

    Raises:
        ValueError: "mss" without a data set size.

    References:
        Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders",
        NeurIPS. arXiv:1802.04942.
    """

    name = "total_correlation"

    def __init__(
        self,
        weight: float | Callable = 1.0,
        estimator: str = "mws",
        dataset_size: int | None = None,
    ):
        ops.check_estimator(estimator, dataset_size)
        super().__init__(weight)
        self.estimator = estimator
        self.dataset_size = dataset_size

    def value(self, outputs: Outputs) -> tf.Tensor:
        return ops.total_correlation(
            outputs.z, outputs.mean, outputs.log_var, self.estimator, self.dataset_size
        )

    def logged(self, outputs: Outputs, value: tf.Tensor) -> tf.Tensor:
        if self.estimator != "mws":
            return value
        size = self.dataset_size or outputs.dataset_size
        return ops.total_correlation(outputs.z, outputs.mean, outputs.log_var, "even", size)
