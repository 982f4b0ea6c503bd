"""Supervised terms for few labels: the first latents shall tell the labels of some images."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import LabelledCodes, Outputs, Term


class SupervisedTerm(Term):
    """Base of terms that compare codes r (posterior means) of labelled images with their labels y.

    Latent j stands for labelled factor j; latents beyond the labelled factors are left to the other
    terms. Any model may be given one: each step then has a labelled batch beside its own. In gin,
    `vae.terms = [@xent()]` with `model.num_labelled_samples`; and under disentanglement_lib's own names.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: number of values of each labelled factor; None where the training root says it, which
            gin's labeller may change.

    Raises:
        ValueError: a negative weight, or a factor with fewer than 1 value.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    name = "supervised_loss"
    needs_labelled_batch = True
    # Whether each labelled factor has a latent of its own, so that there have to be as many.
    one_latent_per_factor = True

    def __init__(self, weight: float | Callable = 1.0, factor_sizes: Sequence[int] | None = None):
        check_not_negative(type(self).__name__, weight=weight)
        Term.__init__(self, weight)  # Beside a term with a network, `super()` would be that one.
        sizes = None if factor_sizes is None else [int(size) for size in factor_sizes]
        if sizes is not None and (not sizes or min(sizes) < 1):
            raise ValueError(
                f"{type(self).__name__}: expected factor_sizes: at least one number of values, each 1 or "
                f"more. Received: {sizes}."
            )
        self.factor_sizes = sizes

    def with_factors(self, factor_sizes: Sequence[int]) -> "SupervisedTerm":
        """Returns a copy for labels of factors with so many values."""
        return type(self).from_config(self.get_config() | {"factor_sizes": list(factor_sizes)})

    def fitted(self, latent_dim: int) -> "SupervisedTerm":
        """Returns a copy with variables of its own; see `Term.fitted`."""
        owner = type(self).__name__
        if self.factor_sizes is None:
            raise ValueError(
                f"{owner}: expected factor_sizes, the number of values of each labelled factor. Received: "
                f"None. Fix: {owner}(factor_sizes=[3, 6]); the training root of gin finds them itself."
            )
        if self.one_latent_per_factor and len(self.factor_sizes) > latent_dim:
            raise ValueError(
                f"{owner}: expected at least as many latents as labelled factors, which are "
                f"{len(self.factor_sizes)}. Received: {latent_dim}. Fix: more latents (in gin "
                "encoder.num_latent), or a labeller of fewer factors, partial_labeller."
            )
        return type(self).from_config(self.get_config())

    def value(self, outputs: Outputs) -> tf.Tensor:
        self.check(outputs.labelled)
        return self.loss(outputs.labelled)

    def check(self, labelled: LabelledCodes) -> None:
        """Raises ValueError unless there is a label of every factor."""
        if labelled.labels.shape[-1] != len(self.factor_sizes):
            raise ValueError(
                f"{type(self).__name__}: expected labels of {len(self.factor_sizes)} factors, one for each "
                f"of factor_sizes. Received: {labelled.labels.shape[-1]}. They may be of another data set."
            )

    def loss(self, labelled: LabelledCodes) -> tf.Tensor:
        """Returns the term's value for codes and labels of a batch."""
        raise NotImplementedError

    def first_latents(self, labelled: LabelledCodes) -> tf.Tensor:
        """Returns `[batch, labelled factors]`: the latents that stand for the labelled factors."""
        return labelled.mean[:, : len(self.factor_sizes)]

    def fractions(self, labelled: LabelledCodes) -> tf.Tensor:
        """Returns labels in [0, 1): y_j / n_j, n_j the number of values of factor j."""
        return tf.cast(labelled.labels, tf.float32) / tf.constant(self.factor_sizes, tf.float32)


@registry.objective("xent")
class SupervisedCrossEntropy(SupervisedTerm):
    """weight * sum_{batch, j} BCE(sigmoid(r_j), y_j / n_j): summed over the batch; gin: `@xent`.

    The binary cross-entropy between the code and the label as a fraction of its range, as in
    disentanglement_lib; its lowest value is the entropy of the fractions, not 0.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: see `SupervisedTerm`.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    def loss(self, labelled: LabelledCodes) -> tf.Tensor:
        logits = self.first_latents(labelled)
        return _over_the_batch(
            tf.nn.sigmoid_cross_entropy_with_logits(self.fractions(labelled), logits)
        )


@registry.objective("l2")
class SupervisedL2(SupervisedTerm):
    """weight * sum_{batch, j} (b r_j - y_j)^2, b a learned scalar; gin: `@l2`.

    Without a learned scale: weight * sum_{batch, j} (sigmoid(r_j) - y_j / n_j)^2.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: see `SupervisedTerm`.
        learn_scale: whether b, which starts at 1, is learned.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    def __init__(
        self,
        weight: float | Callable = 1.0,
        factor_sizes: Sequence[int] | None = None,
        learn_scale: bool = True,
    ):
        super().__init__(weight, factor_sizes)
        self.learn_scale = learn_scale

    def fitted(self, latent_dim: int) -> "SupervisedL2":
        """Returns a copy with a scale of its own; see `Term.fitted`."""
        term = super().fitted(latent_dim)
        term.layer = LearnedScale() if self.learn_scale else None
        return term

    def loss(self, labelled: LabelledCodes) -> tf.Tensor:
        codes = self.first_latents(labelled)
        if not self.learn_scale:
            return _over_the_batch(tf.square(tf.sigmoid(codes) - self.fractions(labelled)))
        labels = tf.cast(labelled.labels, tf.float32)
        return _over_the_batch(tf.square(codes * self.layer.scale - labels))


@registry.objective("cov")
class SupervisedCovariance(SupervisedTerm):
    """weight * sum_{i != j} Cov(r_i, y_j)^2 over all latents i and labelled factors j; gin: `@cov`.

    A latent shall not vary with the label of another factor; nothing asks it to vary with its own.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: see `SupervisedTerm`.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    one_latent_per_factor = False

    def loss(self, labelled: LabelledCodes) -> tf.Tensor:
        labels = tf.cast(labelled.labels, tf.float32)
        codes = labelled.mean - tf.reduce_mean(labelled.mean, axis=0)
        labels -= tf.reduce_mean(labels, axis=0)
        covariance = tf.matmul(codes, labels, transpose_a=True) / tf.cast(
            tf.shape(codes)[0], tf.float32
        )
        is_own = tf.eye(codes.shape[1], labels.shape[1])
        return tf.reduce_sum(tf.square(covariance * (1.0 - is_own)))


class LearnedScale(keras.layers.Layer):
    """One trained number, 1 at the start."""

    def __init__(self) -> None:
        super().__init__(dtype="float32", name="learned_scale")
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        self.built = True


def _over_the_batch(values):
    """The sum over the batch of all replicas: their gradients are averaged."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return tf.reduce_sum(values) * float(replicas)
