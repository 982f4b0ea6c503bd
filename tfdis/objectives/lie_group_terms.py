"""Terms of the commutative Lie group VAE: on the generators, and on the encoder's group features."""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, Term

COMMUTATORS = ("true", "code")


@dataclasses.dataclass(frozen=True)
class GroupOutputs(Outputs):
    """What a model with a Lie group computed for a batch.

    Attributes:
        features: the encoder's guess of the group's elements, `[batch, size, size]`.
        elements: exp(sum_i z_i A_i) of the batch, `[batch, size, size]`.
        generators: A, `[latent, size, size]`.
    """

    features: tf.Tensor | None = None
    elements: tf.Tensor | None = None
    generators: tf.Tensor | None = None


class _GroupTerm(Term):
    """A term that only models with a Lie group can have."""

    def __init__(self, weight: float | Callable = 1.0):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight)

    def value(self, outputs: Outputs) -> tf.Tensor:
        if not isinstance(outputs, GroupOutputs):
            raise ValueError(
                f"{type(self).__name__}: expected the outputs of a model with a Lie group. Received: those "
                "of another model. Use CommutativeLieGroupVAE."
            )
        return self.of_group(outputs)

    def of_group(self, outputs: GroupOutputs) -> tf.Tensor:
        """Returns what `value` does, of the outputs of a model with a Lie group."""
        raise NotImplementedError


@registry.objective("group_features_term")
class GroupFeatures(_GroupTerm):
    """weight * mean over images of ||E(x) - exp(sum_i z_i A_i)||_F^2: the encoder's features are the group's.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Zhu et al. (2021), "Commutative Lie Group VAE for Disentanglement Learning", ICML.
        arXiv:2106.03375.
    """

    name = "group_features"

    def of_group(self, outputs: GroupOutputs) -> tf.Tensor:
        squares = tf.math.squared_difference(outputs.features, outputs.elements)
        return tf.reduce_mean(tf.reduce_sum(squares, axis=(1, 2)))


@registry.objective("generator_products_term")
class GeneratorProducts(_GroupTerm):
    """weight * sum_{i != j} ||A_i A_j||_F^2 / latent^2: the paper's Hessian penalty on the generators.

    It is 0 only if the generators annihilate each other, so that they commute as well.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.

    Raises:
        ValueError: a negative weight.

    References:
        Zhu et al. (2021), "Commutative Lie Group VAE for Disentanglement Learning", ICML.
        arXiv:2106.03375.
    """

    name = "generator_products"

    def of_group(self, outputs: GroupOutputs) -> tf.Tensor:
        products = _products(outputs.generators)
        others = 1.0 - tf.eye(tf.shape(products)[0])
        return tf.reduce_mean(tf.reduce_sum(tf.square(products), axis=(2, 3)) * others)


@registry.objective("commutator_term")
class Commutator(_GroupTerm):
    """weight * sum_{i, j} ||[A_i, A_j]||_F^2 / latent^2, [A, B] = A B - B A.

    The published code subtracts the matrix transpose (A_i A_j)^T in place of A_j A_i ("code"), which is
    another penalty: it asks every product to be symmetric, also the squares A_i A_i.

    Args:
        weight: weight of the term, 0 or more; a number or a schedule.
        form: "true" or "code".

    Raises:
        ValueError: a negative weight, or an unknown form.

    References:
        Zhu et al. (2021), "Commutative Lie Group VAE for Disentanglement Learning", ICML.
        arXiv:2106.03375.
    """

    name = "commutator"

    def __init__(self, weight: float | Callable = 1.0, form: str = "true"):
        if form not in COMMUTATORS:
            raise ValueError(f"Commutator: expected form out of {COMMUTATORS}. Received: {form!r}.")
        super().__init__(weight)
        self.form = form

    def of_group(self, outputs: GroupOutputs) -> tf.Tensor:
        products = _products(outputs.generators)
        exchanged = (1, 0, 2, 3) if self.form == "true" else (0, 1, 3, 2)
        differences = products - tf.transpose(products, exchanged)
        return tf.reduce_mean(tf.reduce_sum(tf.square(differences), axis=(2, 3)))


def _products(generators):
    """A_i A_j, `[latent, latent, size, size]`."""
    return tf.einsum("iab,jbc->ijac", generators, generators)
