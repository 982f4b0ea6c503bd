"""FactorVAE's density-ratio term against closed forms, and its permutations."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import objectives
from tfdis.objectives.factor_tc import permute_latents


class _Linear(keras.Model):
    """Logits z @ kernel: a discriminator whose values are known."""

    def __init__(self, kernel):
        super().__init__()
        self.kernel = self.add_weight(shape=np.shape(kernel), initializer="zeros")
        self.kernel.assign(kernel)
        self.built = True

    def call(self, z, training=None):
        return z @ self.kernel


def _outputs(z, step=0):
    z = tf.constant(z, tf.float32)
    return objectives.Outputs(*[None] * 3, mean=z, log_var=z, z=z, step=tf.constant(step, tf.int64))


Z = np.random.default_rng(0).normal(size=(6, 3))
KERNEL = np.random.default_rng(1).normal(size=(3, 2))


def _term(**options):
    return objectives.FactorTC(5.0, _Linear(KERNEL), keras.optimizers.SGD(1.0), **options)


def test_value_is_the_mean_difference_of_the_logits():
    value, weighted = _term()(_outputs(Z))
    logits = Z @ KERNEL
    expected = (logits[:, 0] - logits[:, 1]).mean()
    assert float(value) == pytest.approx(expected, rel=1e-5)
    assert float(weighted) == pytest.approx(5 * expected, rel=1e-5)


@pytest.mark.parametrize("second_batch", [False, True])
def test_own_loss_is_the_mean_of_both_cross_entropies(second_batch):
    term = _term(second_batch=second_batch)
    assert term.batches_per_step == (2 if second_batch else 1)
    first = _outputs(Z, step=3)
    second = _outputs(Z[::-1] + 1, step=-4) if second_batch else first
    permuted = permute_latents(second.z, term._seed(first.step)).numpy().astype("float64")

    def cross_entropy(logits, label):
        return np.mean(np.log(np.exp(logits).sum(1)) - logits[:, label])

    expected = 0.5 * cross_entropy(Z @ KERNEL, 0) + 0.5 * cross_entropy(permuted @ KERNEL, 1)
    assert float(term.own_loss(first, second)) == pytest.approx(expected, rel=1e-5)


def test_a_discriminator_that_cannot_tell_costs_log_2():
    term = objectives.FactorTC(1.0, _Linear(np.zeros([3, 2])), keras.optimizers.SGD(1.0))
    assert float(term.own_loss(_outputs(Z), _outputs(Z))) == pytest.approx(np.log(2), rel=1e-6)
    assert float(term.value(_outputs(Z))) == 0.0


def test_permutations_keep_every_latent_and_mix_them_independently():
    z = tf.reshape(tf.range(40.0), [10, 4])
    permuted = permute_latents(z, [1, 2]).numpy()
    np.testing.assert_array_equal(np.sort(permuted, axis=0), z)
    orders = [tuple(permuted[:, j] - j) for j in range(4)]
    assert len(set(orders)) == 4
    np.testing.assert_array_equal(permute_latents(z, [1, 2]), permuted)
    assert np.any(permute_latents(z, [1, 3]).numpy() != permuted)


def test_every_place_is_equally_likely():
    z = tf.reshape(tf.range(5.0), [5, 1])
    permute = tf.function(lambda i: permute_latents(z, tf.stack([0, i]))[:, 0])
    places = np.stack([permute(tf.constant(i)) for i in range(500)])
    for value in range(5):
        counts = (places == value).sum(axis=0)
        assert np.abs(counts - 100).max() < 5 * np.sqrt(500 * 0.2 * 0.8)


def test_the_own_loss_gives_the_code_no_gradient():
    z = tf.Variable(Z, dtype=tf.float32)
    with tf.GradientTape() as tape:
        outputs = objectives.Outputs(
            *[None] * 3, mean=z, log_var=z, z=z + 0.0, step=tf.constant(0, tf.int64)
        )
        loss = _term().own_loss(outputs, outputs)
    assert tape.gradient(loss, z) is None


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="weight to be 0 or more"):
        objectives.FactorTC(-1.0)
