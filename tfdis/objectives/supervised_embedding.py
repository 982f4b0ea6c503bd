"""The supervised term that places every value of a factor on the axis of its latent."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.supervised import SupervisedTerm
from tfdis.objectives.term import LabelledCodes

LEARNED = "learn"


@registry.objective("embed")
class SupervisedEmbedding(SupervisedTerm):
    """weight * sum_j mean_batch CE(softmax_k(-(sigma_j (r_j - e_jk))^2), y_j); gin: `@embed`.

    e_jk is the learned place of value k of factor j; with `use_order` the places of a factor are
    equally spaced, e_jk = slope_j k + bias_j.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: see `SupervisedTerm`.
        sigma: inverse temperature, a number; or "learn" for a learned one of each factor.
        use_order: whether the order of the values is used.

    Raises:
        ValueError: a sigma that is neither a number above 0 nor "learn".

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    def __init__(
        self,
        weight: float | Callable = 1.0,
        factor_sizes: Sequence[int] | None = None,
        sigma: float | str = 1.0,
        use_order: bool = False,
    ):
        super().__init__(weight, factor_sizes)
        if sigma != LEARNED and not (isinstance(sigma, int | float) and sigma > 0):
            raise ValueError(
                f'SupervisedEmbedding: expected sigma above 0, or "{LEARNED}". Received: {sigma!r}.'
            )
        self.sigma = sigma
        self.use_order = use_order

    def fitted(self, latent_dim: int) -> "SupervisedEmbedding":
        """Returns a copy with places of its own; see `Term.fitted`."""
        term = super().fitted(latent_dim)
        term.layer = LearnedPlaces(self.factor_sizes, self.use_order, self.sigma == LEARNED)
        return term

    def loss(self, labelled: LabelledCodes) -> tf.Tensor:
        total = 0.0
        for j in range(len(self.factor_sizes)):
            sigma = self.layer.sigmas[j] if self.sigma == LEARNED else float(self.sigma)
            distances = (labelled.mean[:, j : j + 1] - self.layer.places(j)) * sigma
            total += tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(
                    labelled.labels[:, j], -tf.square(distances)
                )
            )
        return total


class LearnedPlaces(keras.layers.Layer):
    """The places of all values of all factors, at random at the start (Glorot uniform).

    Args:
        factor_sizes: number of values of each factor.
        use_order: whether the places of a factor are equally spaced.
        learn_sigma: whether there is a learned inverse temperature of each factor.
    """

    def __init__(self, factor_sizes: Sequence[int], use_order: bool, learn_sigma: bool):
        super().__init__(dtype="float32", name="learned_places")
        self._sizes = list(factor_sizes)
        self._use_order = use_order
        # (bias, slope) of a factor, or its places.
        self.coordinates = [
            [self._number(f"bias_{j}"), self._number(f"slope_{j}")]
            if use_order
            else [self._number(f"places_{j}", (size,))]
            for j, size in enumerate(self._sizes)
        ]
        num_sigmas = len(self._sizes) if learn_sigma else 0
        self.sigmas = [self._number(f"sigma_{j}", (1,)) for j in range(num_sigmas)]
        self.built = True

    def places(self, factor: int) -> tf.Tensor:
        """Places `[values]` of the values of a factor, on the axis of its latent."""
        if not self._use_order:
            return tf.convert_to_tensor(self.coordinates[factor][0])
        bias, slope = self.coordinates[factor]
        return tf.range(self._sizes[factor], dtype=tf.float32) * slope + bias

    def _number(self, name, shape=()):
        return self.add_weight(shape=shape, initializer="glorot_uniform", name=name)
