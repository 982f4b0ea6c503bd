"""The supervised term that keeps a label out of the latents of other factors, by mutual information."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.factor_tc import permute_latents
from tfdis.objectives.supervised import SupervisedTerm
from tfdis.objectives.term import Outputs, TrainedTerm

_PERMUTATION_STREAM = 5381


@registry.objective("mine")
class SupervisedMINE(SupervisedTerm, TrainedTerm):
    """weight * sum_{i != j} I(r_i; y_j)^2 over all latents i and labelled factors j; gin: `@mine`.

      I(r_i; y_j) ~ mean T_ji(r_i, y_j) - log mean exp T_ji(r_i, perm(y_j))

    where every pair has a small network T_ji of its own, which maximises its estimate, and perm
    permutes the labels over the batch. In disentanglement_lib it is part of `s2_mine_vae`.

    Args:
        weight: gamma_sup, 0 or more; a number or a schedule.
        factor_sizes: see `SupervisedTerm`.
        network: the networks of all pairs, a `PairStatistics`; None builds them.
        optimizer: their Keras optimiser; by default Adam(0.01).
        seed: integer; the stream of permutations.

    References:
        Belghazi et al. (2018), "Mutual Information Neural Estimation", ICML. arXiv:1801.04062.
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """

    one_latent_per_factor = False
    advances_steps = False

    def __init__(
        self,
        weight: float | Callable = 1.0,
        factor_sizes: Sequence[int] | None = None,
        network: keras.Model | None = None,
        optimizer: keras.optimizers.Optimizer | None = None,
        seed: int = 0,
    ):
        check_not_negative("SupervisedMINE", weight=weight)
        SupervisedTerm.__init__(self, weight, factor_sizes)
        self.network = network
        self.optimizer = optimizer or keras.optimizers.Adam(0.01, epsilon=1e-8)
        self.seed = seed

    def fitted(self, latent_dim: int) -> "SupervisedMINE":
        """Returns a copy with networks of its own; see `Term.fitted`."""
        term = super().fitted(latent_dim)
        if term.network is None:
            term.network = PairStatistics(latent_dim, len(self.factor_sizes))
        return term

    def value(self, outputs: Outputs) -> tf.Tensor:
        self.check(outputs.labelled)
        information = self._information(outputs, outputs.labelled.mean)
        is_own = tf.eye(information.shape[0], information.shape[1])
        return tf.reduce_sum(tf.square(information) * (1.0 - is_own))

    def own_loss(self, outputs: Outputs, second: Outputs) -> tf.Tensor:
        del second
        mean = tf.stop_gradient(outputs.labelled.mean)
        return -tf.reduce_sum(self._information(outputs, mean))

    def _information(self, outputs, mean):
        """Estimates `[factors, latents]` in nats."""
        labels = tf.cast(outputs.labelled.labels, tf.float32)
        num, num_factors, num_latents = tf.shape(mean)[0], labels.shape[1], mean.shape[1]
        labels = tf.repeat(labels, num_latents, axis=1)
        seed = ops.seed_at(self.seed + _PERMUTATION_STREAM, outputs.draw)
        permuted = permute_latents(labels, seed)
        joint, product = (
            self.network([mean, tf.reshape(each, [-1, num_factors, num_latents])])
            for each in (labels, permuted)
        )
        log_mean_exp = tf.reduce_logsumexp(product, axis=0) - tf.math.log(tf.cast(num, tf.float32))
        return tf.reduce_mean(joint, axis=0) - log_mean_exp


@keras.saving.register_keras_serializable(package="tfdis")
class PairStatistics(keras.Model):
    """T_ji(r, y) = v_ji . elu(a_ji r + b_ji y + c_ji) + d_ji for every pair of a factor and a latent.

    Args:
        latent_dim: number of latents.
        num_factors: number of labelled factors.
        num_hidden: size of the hidden layer; 20 in disentanglement_lib.
    """

    def __init__(self, latent_dim: int, num_factors: int, num_hidden: int = 20, **kwargs):
        super().__init__(**kwargs)
        self.latent_dim = latent_dim
        self.num_factors = num_factors
        self.num_hidden = num_hidden
        # As Glorot's for layers of 1 and num_hidden units.
        limit = (6.0 / (1 + num_hidden)) ** 0.5
        self.of_code, self.of_label, self.of_hidden = (
            self._weights(name, keras.initializers.RandomUniform(-limit, limit))
            for name in ("of_code", "of_label", "of_hidden")
        )
        self.bias = self._weights("bias", "zeros")
        self.last_bias = self.add_weight(
            shape=(num_factors, latent_dim), initializer="zeros", dtype="float32", name="last_bias"
        )
        self.built = True

    def call(self, inputs: Sequence[tf.Tensor], training: bool | None = None) -> tf.Tensor:
        """Statistics `[batch, factors, latents]` of codes `[batch, latents]` and labels of that shape."""
        codes, labels = inputs
        inner = codes[:, None, :, None] * self.of_code + labels[..., None] * self.of_label
        return tf.reduce_sum(tf.nn.elu(inner + self.bias) * self.of_hidden, -1) + self.last_bias

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        names = ("name", "latent_dim", "num_factors", "num_hidden")
        return {name: getattr(self, name) for name in names}

    def _weights(self, name, initializer):
        shape = (self.num_factors, self.latent_dim, self.num_hidden)
        return self.add_weight(shape=shape, initializer=initializer, dtype="float32", name=name)
