"""The KL divergence to a prior whose precisions are learned, of BF-VAE-0."""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.schedule import at_step
from tfdis.objectives.term import Outputs, Term

PENALTY_SCALES = ("sum", "per_image")


@registry.objective("learned_prior_kl_term")
class LearnedPriorKL(Term):
    """weight * KL(q(z|x) || N(0, diag 1/alpha)) + penalty_weight * sum_j (1/alpha_j - 1)^2.

    The precisions alpha, one for each latent, start at 1 and are trained with the model: relevant
    latents get a wide prior, while the penalty holds nuisance latents at N(0, 1). The term stands
    for the KL term: the value that is logged as `kl_loss`, and counted in `elbo`, is this
    divergence without the penalty.

    Args:
        latent_dim: number of latents.
        weight: weight of the KL divergence, 0 or more; a number or a schedule.
        penalty_weight: weight of the penalty on the prior's variances, 0 or more; a number or a
            schedule.
        penalty_scale: "sum"; or "per_image" to divide by the number of images in the batch, as in
            published code of BF-VAE-0 (the challenge's stage 1).

    Raises:
        ValueError: a negative weight, latent_dim below 1, or an unknown penalty_scale.

    References:
        Kim et al. (2019), "Bayes-Factor-VAE: Hierarchical Bayesian Deep Auto-Encoder Models for
        Factor Disentanglement", ICCV. arXiv:1909.02820 (BF-VAE-0).
    """

    name = "kl"
    is_kl = True

    def __init__(
        self,
        latent_dim: int,
        weight: float | Callable = 1.0,
        penalty_weight: float | Callable = 1.0,
        penalty_scale: str = "sum",
    ):
        check_not_negative("LearnedPriorKL", weight=weight, penalty_weight=penalty_weight)
        if isinstance(latent_dim, bool) or not isinstance(latent_dim, int) or latent_dim < 1:
            raise ValueError(
                "LearnedPriorKL: expected latent_dim to be an integer of at least 1. Received: "
                f"{latent_dim!r}."
            )
        if penalty_scale not in PENALTY_SCALES:
            raise ValueError(
                f"LearnedPriorKL: expected penalty_scale out of {PENALTY_SCALES}. Received: "
                f"{penalty_scale!r}."
            )
        super().__init__(weight)
        self.latent_dim = latent_dim
        self.penalty_scale = penalty_scale
        self.penalty_weight = penalty_weight
        self.layer = LearnedPrecision(latent_dim)

    @property
    def log_precision(self) -> tf.Tensor:
        """Natural logarithms of the prior's precisions, `[latent]`."""
        return tf.convert_to_tensor(self.layer.log_precision)

    def value(self, outputs: Outputs) -> tf.Tensor:
        return tf.reduce_mean(self.per_image(outputs))

    def per_image(self, outputs: Outputs) -> tf.Tensor:
        kl = ops.gaussian_kl(outputs.mean, outputs.log_var, prior_log_var=-self.log_precision)
        return tf.reduce_sum(kl, axis=1)

    def penalty(self) -> tf.Tensor:
        """Squared distance of the prior's variances from 1, summed over latents (no unit)."""
        return tf.reduce_sum(tf.square(tf.math.expm1(-self.log_precision)))

    def __call__(self, outputs: Outputs) -> tuple[tf.Tensor, tf.Tensor]:
        value, weighted = super().__call__(outputs)
        penalty = at_step(self.penalty_weight, outputs.step) * self.penalty()
        if self.penalty_scale == "per_image":
            replicas = tf.distribute.get_strategy().num_replicas_in_sync
            penalty /= tf.cast(tf.shape(outputs.mean)[0] * replicas, penalty.dtype)
        return value, weighted + penalty


class LearnedPrecision(keras.layers.Layer):
    """One trained log precision for each latent, 0 at the start.

    Args:
        latent_dim: number of latents.
    """

    def __init__(self, latent_dim: int):
        super().__init__(dtype="float32", name="learned_precision")
        self.log_precision = self.add_weight(
            shape=(latent_dim,), initializer="zeros", name="log_precision"
        )
        self.built = True
