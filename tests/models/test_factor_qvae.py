"""FactorQVAE: soft codes in training and hard ones after it, temperature, noise, the discriminator's inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats
from small_models import ONE_LAYER

from tfdis import models, objectives, ops
from tfdis.objectives.factor_tc import permute_latents

VALUES = 6
OPTIONS = {
    "image_shape": (8, 8, 1),
    "latent_dim": 3,
    "num_values": VALUES,
    **ONE_LAYER,
}
IMAGES = tf.constant(np.random.default_rng(0).uniform(size=(10, 8, 8, 1)), tf.float32)


def _model(**options):
    return models.FactorQVAE(**OPTIONS | {"discriminator": _discriminator()} | options)


def _discriminator():
    return keras.Sequential([keras.Input((3 * VALUES,)), keras.layers.Dense(2)])


def _outputs(model, step, training=True):
    return model.outputs(IMAGES, tf.constant(step, tf.int64), training=training)


def _weights(model, outputs, noise, temperature):
    table = model.quantiser.values.numpy().astype(np.float64)
    mean = outputs.mean.numpy().astype(np.float64)
    return special.softmax(
        (-((mean[:, :, None] - table) ** 2) + noise) / temperature, axis=2
    ), table


@pytest.mark.parametrize(("counting", "rate"), [("updates", 2e-5), ("dlib", 1e-5)])
def test_in_training_codes_are_means_of_values_weighted_by_noisy_distances(counting, rate):
    """The published temperature counts two steps in an update."""
    schedule = objectives.ExponentialSchedule(1.0, rate)
    model = _model(step_counting=counting, temperature=schedule)
    outputs = _outputs(model, 40_000)
    noise = ops.gumbel([10, 3, VALUES], ops.seed_at(0, tf.constant(40_000), 0x4651)).numpy()
    weights, table = _weights(model, outputs, noise, np.exp(-0.8))
    np.testing.assert_allclose(outputs.quantised.weights, weights, atol=1e-5)
    np.testing.assert_allclose(outputs.z, weights @ table, atol=1e-5)


def test_the_second_batch_has_the_temperature_of_its_update_and_noise_of_its_own():
    model = _model(temperature=objectives.ExponentialSchedule(1.0, 0.1))
    first, second = _outputs(model, 7), _outputs(model, -8)
    assert np.abs(first.z - second.z).max() > 1e-3
    noise = ops.gumbel([10, 3, VALUES], ops.seed_at(0, tf.constant(-8), 0x4651)).numpy()
    weights, _ = _weights(model, second, noise, np.exp(-0.7))
    np.testing.assert_allclose(second.quantised.weights, weights, atol=1e-5)


def test_after_training_codes_are_the_nearest_values_of_one_table():
    model = _model()
    outputs = _outputs(model, 0, training=False)
    table = model.quantiser.values.numpy()
    indices = np.abs(outputs.mean.numpy()[:, :, None] - table).argmin(2)
    np.testing.assert_array_equal(outputs.z, table[indices])
    np.testing.assert_array_equal(model.encode(IMAGES).mean(), table[indices])
    np.testing.assert_array_equal(outputs.quantised.weights, np.eye(VALUES)[indices])


def test_gumbel_noise_is_of_that_distribution():
    noise = ops.gumbel([20_000], [1, 2]).numpy()
    assert stats.kstest(noise, stats.gumbel_r.cdf).pvalue > 0.01


def test_the_discriminator_sees_the_weights_and_its_loss_is_its_own():
    model = _model()
    term = model.trained_terms[0]
    assert term.batches_per_step == 2 and term.network.input_shape == (None, 3 * VALUES)
    with tf.GradientTape(persistent=True) as tape:
        outputs, second = _outputs(model, 3), _outputs(model, -4)
        own = term.own_loss(outputs, second)
        value = term.value(outputs)
    assert all(g is None for g in tape.gradient(own, model.model_variables))
    moved = tape.gradient(value, model.quantiser.values.value)
    assert np.abs(moved).max() > 0
    logits = term.network(tf.reshape(outputs.quantised.weights, [10, -1])).numpy()
    assert float(value) == pytest.approx((logits[:, 0] - logits[:, 1]).mean(), abs=1e-5)
    permuted = permute_latents(second.quantised.weights, term._seed(outputs.draw))
    other = term.network(tf.reshape(permuted, [10, -1])).numpy()
    expected = -0.5 * (
        special.log_softmax(logits, 1)[:, 0].mean() + special.log_softmax(other, 1)[:, 1].mean()
    )
    assert float(own) == pytest.approx(expected, rel=1e-5)


def test_permutations_exchange_whole_latents_between_images():
    codes = tf.constant(np.random.default_rng(0).normal(size=(9, 2, 4)), tf.float32)
    permuted = permute_latents(codes, tf.constant([1, 2])).numpy()
    orders = []
    for latent in range(2):
        rows = [tuple(row) for row in codes[:, latent].numpy().tolist()]
        orders.append([rows.index(tuple(row)) for row in permuted[:, latent].tolist()])
        assert sorted(orders[-1]) == list(range(9))
    assert orders[0] != orders[1]


def test_a_named_discriminator_is_built_for_all_weights():
    small = models.FactorQVAE(**OPTIONS)
    assert small.factor_tc_network.input_shape == (None, 3 * VALUES)
    assert models.FactorQVAE.discriminator_input_size(12) == 768


@pytest.mark.parametrize("weight", ["gamma", "codebook_weight"])
def test_negative_weights_are_refused(weight):
    with pytest.raises(ValueError, match="0 or more"):
        _model(**{weight: -1.0})
