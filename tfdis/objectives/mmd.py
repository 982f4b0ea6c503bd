"""The maximum mean discrepancy of InfoVAE."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term

# Sets the prior's draws apart from the posterior's noise at the same seed and step.
_STREAM = 0x4D4D44


@registry.objective("mmd_term")
class MMD(Term):
    """weight * MMD(q(z), p(z)): the codes of the batch against fresh samples of the prior N(0, I).

    The samples are a function of `seed` and of the step alone; see `tfdis.ops.mmd`.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.
        num_prior_samples: number of samples of the prior in every step, at least 2.
        kernel: "squared_dim" or "gaussian".
        estimator: "biased" or "unbiased".
        variance: the variance per dimension of the "gaussian" kernel.
        seed: an integer, the seed of the prior samples.

    Raises:
        ValueError: a negative weight, fewer than 2 samples, or an unknown kernel or estimator.

    References:
        Zhao et al. (2017), "InfoVAE: Balancing Learning and Inference in Variational Autoencoders".
        arXiv:1706.02262.
    """

    name = "mmd"

    def __init__(
        self,
        weight: float | Callable = 1.0,
        num_prior_samples: int = 1000,
        kernel: str = "squared_dim",
        estimator: str = "biased",
        variance: float = 2.0,
        seed: int = 0,
    ):
        check_not_negative("MMD", weight=weight)
        ops.check_mmd_options(kernel, estimator, variance)
        if not num_prior_samples >= 2:
            raise ValueError(
                f"MMD: expected at least 2 samples of the prior. Received: {num_prior_samples!r}."
            )
        super().__init__(weight)
        self.num_prior_samples = num_prior_samples
        self.kernel = kernel
        self.estimator = estimator
        self.variance = variance
        self.seed = seed

    def prior_samples(
        self, step: tf.Tensor, latent_dim: int, dtype: tf.DType = tf.float32
    ) -> tf.Tensor:
        """Samples `[num_prior_samples, latent_dim]` of the prior at `step`."""
        seed = ops.seed_at(self.seed, step, _STREAM)
        return tf.random.stateless_normal([self.num_prior_samples, latent_dim], seed, dtype=dtype)

    def value(self, outputs: Outputs) -> tf.Tensor:
        prior = self.prior_samples(outputs.draw, outputs.z.shape[1], outputs.z.dtype)
        return ops.mmd(outputs.z, prior, self.kernel, self.estimator, self.variance)
