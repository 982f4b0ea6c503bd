"""The KL divergence to a prior whose variances depend on a label, of iVAE."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term


@registry.objective("conditional_prior_kl_term")
class ConditionalPriorKL(Term):
    """weight * KL(q(z|x,u) || p(z|u)), p(z|u) = N(0, diag exp(MLP(u))) for one-hot labels u.

    It stands for the KL term: `kl_loss`, and `elbo`, use this divergence. The network of the prior is
    trained with the model.

    Args:
        classes: pairs (position, number of values), one for each factor that is a label.
        latent_dim: number of latents.
        weight: weight of the divergence, 0 or more; a number or a schedule.
        hidden_units: numbers of units of the hidden layers (leaky relu of slope .1).

    Raises:
        ValueError: a negative weight, or no label.

    References:
        Khemakhem et al. (2020), "Variational Autoencoders and Nonlinear ICA: A Unifying Framework",
        AISTATS. arXiv:1907.04809.
    """

    name = "kl"
    is_kl = True
    needs_labels = True

    def __init__(
        self,
        classes: Sequence[tuple[int, int]],
        latent_dim: int,
        weight: float | Callable = 1.0,
        hidden_units: Sequence[int] = (50, 50),
    ):
        check_not_negative("ConditionalPriorKL", weight=weight)
        if not classes:
            raise ValueError(
                f"ConditionalPriorKL: expected one label or more. Received: {classes!r}."
            )
        super().__init__(weight)
        self.classes = [tuple(pair) for pair in classes]
        self.latent_dim = latent_dim
        self.hidden_units = tuple(hidden_units)
        self.layer = _prior_network(sum(n for _, n in self.classes), latent_dim, hidden_units)

    def prior_log_var(self, labels: tf.Tensor) -> tf.Tensor:
        """Log variances `[batch, latent]` of the prior given ground-truth factors `[batch, factors]`."""
        labels = [tf.one_hot(labels[:, place], size) for place, size in self.classes]
        return self.layer(tf.concat(labels, axis=1))

    def value(self, outputs: Outputs) -> tf.Tensor:
        return tf.reduce_mean(self.per_image(outputs))

    def per_image(self, outputs: Outputs) -> tf.Tensor:
        prior_log_var = self.prior_log_var(outputs.labels)
        kl = ops.gaussian_kl(outputs.mean, outputs.log_var, prior_log_var=prior_log_var)
        return tf.reduce_sum(kl, axis=1)


def _prior_network(num_classes, latent_dim, hidden_units):
    """Labels -> log variances, computed in float32."""
    x = label = keras.Input((num_classes,), name="label", dtype="float32")
    for units in hidden_units:
        x = keras.layers.Dense(units, dtype="float32")(x)
        x = keras.layers.LeakyReLU(negative_slope=0.1, dtype="float32")(x)
    log_var = keras.layers.Dense(latent_dim, dtype="float32", name="prior_log_variance")(x)
    return keras.Model(label, log_var, name="conditional_prior")
