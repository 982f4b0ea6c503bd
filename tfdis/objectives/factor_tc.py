"""FactorVAE's total correlation penalty: the density ratio that a discriminator estimates."""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, TrainedTerm

_PERMUTATION_STREAM = 7451


@registry.objective("factor_tc_term")
class FactorTC(TrainedTerm):
    """gamma * E[D_0(z) - D_1(z)], D the logits of a discriminator trained beside the model (eq. 2, 3).

    The discriminator minimises 0.5 [CE(D(z), 0) + CE(D(perm(z')), 1)], where perm permutes every latent
    over the batch on its own. Its loss sees z and z' as constants, so that it never moves the encoder.

    Args:
        weight: gamma, 0 or more; a number or a schedule.
        network: Keras model `z -> [batch, 2]` logits, the name of a registered discriminator, or a
            discriminator function; the model builds the latter two for its latents.
        optimizer: Keras optimiser of the discriminator; by default Adam(1e-4, 0.5, 0.9).
        second_batch: whether z' comes from a second, independent batch (Kim and Mnih), for which
            the model asks for two batches in a step, or is the z of the same batch
            (disentanglement_lib).
        seed: an integer, the seed of the permutations.

    Raises:
        ValueError: a negative weight.

    References:
        Kim and Mnih (2018), "Disentangling by Factorising", ICML. arXiv:1802.05983 (algorithm 2).
    """

    name = "factor_tc"

    def __init__(
        self,
        weight: float | Callable,
        network: keras.Model | str | Callable = "fc_discriminator",
        optimizer: keras.optimizers.Optimizer | None = None,
        second_batch: bool = False,
        seed: int = 0,
    ):
        check_not_negative("FactorTC", weight=weight)
        optimizer = optimizer or keras.optimizers.Adam(1e-4, 0.5, 0.9, 1e-8)
        super().__init__(weight, network, optimizer)
        self.second_batch = second_batch
        self.seed = seed

    @property
    def batches_per_step(self) -> int:
        return 2 if self.second_batch else 1

    def codes(self, outputs: Outputs) -> tf.Tensor:
        """What the discriminator sees, `[batch, latent]` or `[batch, latent, ...]`."""
        return outputs.z

    def value(self, outputs: Outputs) -> tf.Tensor:
        logits = self.network(_flat(self.codes(outputs)), training=False)
        return tf.reduce_mean(logits[:, 0] - logits[:, 1])

    def own_loss(self, outputs: Outputs, second: Outputs) -> tf.Tensor:
        z, other = (tf.stop_gradient(self.codes(each)) for each in (outputs, second))
        permuted = permute_latents(other, self._seed(outputs.draw))
        return 0.5 * (_cross_entropy(self.network(_flat(z), training=True), 0)) + 0.5 * (
            _cross_entropy(self.network(_flat(permuted), training=True), 1)
        )

    def _seed(self, draw):
        return ops.seed_at(self.seed + _PERMUTATION_STREAM, draw)


def permute_latents(z: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Permutes every latent of codes over the batch, independently of the others.

    Args:
        z: the codes, `[batch, latent]` or `[batch, latent, ...]`.
        seed: two integers; the same seed gives the same permutations.
    """
    axes = [1, 0, *range(2, len(z.shape))]
    columns = tf.transpose(z, axes)
    order = tf.argsort(tf.random.stateless_uniform(tf.shape(columns)[:2], seed=seed), axis=1)
    return tf.transpose(tf.gather(columns, order, batch_dims=1), axes)


def _flat(codes):
    return tf.reshape(codes, [tf.shape(codes)[0], -1]) if len(codes.shape) > 2 else codes


def _cross_entropy(logits, label):
    """Batch mean of the cross-entropy of `[batch, 2]` logits with one class for all."""
    return -tf.reduce_mean(tf.nn.log_softmax(logits)[:, label])
