"""CVAE and IFCVAE: how labels enter, which loss moves which network, and bad labels."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER, networks_of_terms

from tfdis import models, objectives
from tfdis.data.label_factors import label_classes
from tfdis.models import condition
from tfdis.models.label_networks import build_label_discriminator, build_label_encoder
from tfdis.objectives.label_terms import label_cross_entropy

SHAPE = (16, 16, 1)
SIZES = [2, 3, 4]
COMMON = {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER}


def _cvae(**kwargs):
    return models.CVAE(SIZES, **{"label_factors": [2, 0], **COMMON, **kwargs})


def _ifcvae(**kwargs):
    small = networks_of_terms("ifcvae", 3, SHAPE, num_classes=6)
    return models.IFCVAE(SIZES, **{"label_factors": [2, 0], **COMMON, **small, **kwargs})


def _batch(num=8):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.uniform(size=(num, *SHAPE)), tf.float32)
    return x, tf.constant(rng.integers(0, SIZES, size=(num, 3)))


def test_one_hot_labels_in_the_order_given():
    labels = tf.constant([[1, 2, 3]])
    classes = label_classes(SIZES, [2, 0])
    np.testing.assert_array_equal(condition.one_hot(labels, classes), [[0, 0, 0, 1, 0, 1]])
    np.testing.assert_allclose(condition.uniform(1, classes), [[0.25] * 4 + [0.5] * 2])
    probabilities = condition.softmax(
        tf.constant([[0.0, 0.0, 0.0, 0.0, 0.0, np.log(3.0)]]), classes
    )
    np.testing.assert_allclose(probabilities, [[0.25] * 4 + [0.25, 0.75]], rtol=1e-6)


def test_the_cvae_sees_the_labels_in_encoder_and_decoder():
    model, (x, labels) = _cvae(), _batch()
    other = tf.tensor_scatter_nd_update(labels, [[0, 2]], [(int(labels[0, 2]) + 1) % 4])
    step = tf.constant(0, tf.int64)
    a, b = (model.outputs(x, step, y) for y in (labels, other))
    assert np.abs(a.mean - b.mean)[0].max() > 0
    np.testing.assert_array_equal(a.mean[1:], b.mean[1:])
    z = tf.zeros([1, 3])
    decoded = [model.decoder(z, condition.one_hot(y[:1], model.classes)) for y in (labels, other)]
    assert np.abs(decoded[0] - decoded[1]).max() > 0
    unused = tf.tensor_scatter_nd_update(labels, [[0, 1]], [(int(labels[0, 1]) + 1) % 3])
    np.testing.assert_array_equal(model.outputs(x, step, unused).mean, a.mean)


def test_without_labels_the_condition_is_uniform():
    for model in (_cvae(), _ifcvae()):
        given = condition.uniform(8, model.classes)
        x, _ = _batch()
        if isinstance(model, models.CVAE):
            np.testing.assert_array_equal(model.encoder(x)[0], model.encoder(x, given)[0])
        z = tf.ones([8, 3])
        np.testing.assert_array_equal(model.decoder(z), model.decoder(z, given))


@pytest.mark.long
def test_a_cvae_uses_the_label_to_reconstruct():
    """Images that are the label alone: z has nothing to say, and the KL divergence falls to 0."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, SIZES, size=(64, 3))
    x = np.zeros((64, *SHAPE), "float32")
    for image, label in zip(x, labels[:, 2], strict=True):
        image[4 * label : 4 * label + 4] = 1.0
    model = _cvae(label_factors=[2], beta=1.0, decoder="mlp_decoder")
    model.compile(keras.optimizers.Adam(3e-3))
    stream = tf.data.Dataset.from_tensors((tf.constant(x), tf.constant(labels))).repeat()
    model.fit(stream, steps_per_epoch=60, shuffle=False, verbose=0)
    outputs = model.outputs(tf.constant(x), tf.constant(0, tf.int64), tf.constant(labels))
    assert float(model.losses_of(outputs)["reconstruction_loss"]) < 10
    given = condition.one_hot(tf.constant([[0, 0, k] for k in range(4)]), model.classes)
    decoded = model.reconstruction_loss.images(model.decoder(tf.zeros([4, 3]), given))
    np.testing.assert_array_equal(np.round(decoded[:, ::4, 0, 0]), np.eye(4))


@pytest.mark.long
def test_every_part_of_the_ifcvae_is_moved_by_its_own_loss_alone():
    published = {"label_encoder": None, "label_discriminator": None}
    model, (x, labels) = _ifcvae(**published), _batch()
    label, adversary = model.trained_terms
    with tf.GradientTape(persistent=True) as tape:
        outputs = model.outputs(x, tf.constant(0, tf.int64), labels, training=True)
        parts = {term.name: term(outputs)[1] for term in model.terms}
        label_loss = label.own_loss(outputs, outputs)
        adversary_loss = adversary.own_loss(outputs, outputs)
        reconstruction = tf.reduce_sum(outputs.reconstruction)

    def reaches(loss, variables):
        return [g is not None for g in tape.gradient(loss, variables)]

    encoder, decoder = (m.trainable_variables for m in (model.encoder, model.decoder))
    label_encoder = label.network.trainable_variables
    discriminator = adversary.network.trainable_variables
    # The two networks beside the model: each its own loss, nothing of the model.
    assert all(reaches(label_loss, label_encoder))
    assert not any(reaches(label_loss, [*encoder, *decoder, *discriminator]))
    assert all(reaches(adversary_loss, discriminator))
    assert not any(reaches(adversary_loss, [*encoder, *decoder, *label_encoder]))
    # The model: the label of the reconstruction moves both, the adversary the encoder.
    assert all(reaches(parts["reconstructed_label"], [*encoder, *decoder]))
    assert all(reaches(parts["adversarial_label"], encoder))
    assert not any(reaches(parts["adversarial_label"], decoder))
    # The predicted condition is a constant for the reconstruction.
    assert not any(reaches(reconstruction, label_encoder))
    owned = {id(v) for v in model.model_variables}
    assert owned == {id(v) for v in [*encoder, *decoder]}


def test_the_ifcvaes_losses_are_those_of_its_parts():
    model, (x, labels) = _ifcvae(label_weight=2.0, adversarial_weight=3.0, beta=5.0), _batch()
    outputs = model.outputs(x, tf.constant(0, tf.int64), labels)
    losses = {k: float(v) for k, v in model.losses_of(outputs).items()}

    def cross_entropy(network, value):
        logits = network(value).numpy().astype("float64")
        total = 0.0
        for part, truth in ((logits[:, :4], labels[:, 2]), (logits[:, 4:], labels[:, 0])):
            picked = part[np.arange(8), truth.numpy()]
            total += np.mean(np.log(np.exp(part).sum(1)) - picked)
        return total

    images = model.reconstruction_loss.images(outputs.reconstruction)
    label = cross_entropy(model.reconstructed_label_network, images)
    adversary = cross_entropy(model.adversarial_label_network, outputs.z)
    assert losses["reconstructed_label"] == pytest.approx(label, rel=1e-5)
    assert losses["adversarial_label"] == pytest.approx(-adversary, rel=1e-5)
    expected = losses["reconstruction_loss"] + 5 * losses["kl_loss"] + 2 * label - 3 * adversary
    assert losses["loss"] == pytest.approx(expected, rel=1e-5)
    own = float(model.trained_terms[0].own_loss(outputs, outputs))
    assert own == pytest.approx(2 * cross_entropy(model.reconstructed_label_network, x), rel=1e-5)


@pytest.mark.long
def test_the_label_encoder_of_the_code_is_stepped_first_and_learns_from_reconstructions(eagerly):
    rate = 0.5
    model, (x, labels) = _ifcvae(learns_from_reconstructions=True), _batch()
    (term,) = [t for t in model.trained_terms if t.name == "reconstructed_label"]
    term.optimizer = keras.optimizers.SGD(rate)
    model.compile(keras.optimizers.SGD(0.0))
    network = keras.models.clone_model(term.network)
    network.set_weights(term.network.get_weights())
    logits = model.outputs(x, tf.constant(0, tf.int64), labels).reconstruction
    for images in (x, model.reconstruction_loss.images(logits)):
        with tf.GradientTape() as tape:
            loss = label_cross_entropy(network(images), labels, model.classes)
        gradients = tape.gradient(loss, network.trainable_variables)
        for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
            variable.assign_sub(rate * gradient)
    model.train_on_batch(x, labels)
    for expected, found in zip(network.get_weights(), term.network.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("of_code", [False, True])
def test_the_label_encoder_follows_a_scheduled_weight(of_code):
    schedule = objectives.LinearSchedule(start=0.0, end=4.0, end_step=4)
    model = _ifcvae(label_weight=schedule, learns_from_reconstructions=of_code)
    (term,) = [t for t in model.trained_terms if t.name == "reconstructed_label"]
    x, labels = _batch()
    outputs = model.outputs(x, tf.constant(1, tf.int64), labels)
    later = dataclasses.replace(outputs, step=tf.constant(3, tf.int64))
    before, after = (float(term.own_loss(each, each)) for each in (outputs, later))
    assert after == pytest.approx(3 * before, rel=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(("counting", "steps_per_update"), [("updates", 1), ("dlib", 3)])
def test_schedules_of_learning_rates_count_updates_also_where_a_network_is_stepped_twice(
    counting, steps_per_update, eagerly
):
    halving = keras.optimizers.schedules.ExponentialDecay(1e-3, 1, 0.5)
    built = _ifcvae(
        learns_from_reconstructions=True,
        step_counting=counting,
        discriminator_optimizer=keras.optimizers.SGD(halving),
    )
    for model in (built, type(built).from_config(built.get_config())):
        for _ in range(2):  # A second time nothing changes.
            model.compile(keras.optimizers.SGD(halving))
        optimizers = [model.optimizer, *(term.optimizer for term in model.trained_terms)]
        for _ in range(2):
            model.train_on_batch(*_batch())
        expected = 1e-3 * 0.5 ** (2 * steps_per_update)
        rates = [float(optimizer.learning_rate) for optimizer in optimizers]
        assert rates == pytest.approx([expected] * 3)


@pytest.mark.long
def test_networks_of_labels_start_as_those_of_disentanglement_pytorch():
    networks = [
        build_label_encoder((16, 16, 1), 3),
        build_label_discriminator(3, 3),
        condition.ConditionalEncoder(_cvae().encoder.network, [(0, 3)]).label_channels,
    ]
    for layer in (layer for network in networks for layer in network.layers if layer.weights):
        kernel, bias = layer.get_weights()
        fan_in = np.prod(kernel.shape[:-1])
        is_dense = kernel.ndim == 2
        fan_out = np.prod(kernel.shape) / kernel.shape[-2]
        std = np.sqrt(2 / (fan_in if is_dense else fan_in + fan_out))
        assert kernel.std() == pytest.approx(std, rel=5 / np.sqrt(2 * kernel.size))
        assert 0 < np.abs(bias).max() <= 1 / np.sqrt(fan_in)


def test_the_ifcvae_decodes_the_prediction_of_its_label_encoder():
    model, (x, labels) = _ifcvae(), _batch()
    outputs = model.outputs(x, tf.constant(0, tf.int64), labels)
    expected = model.decoder(outputs.z, model.predict_condition(x))
    np.testing.assert_allclose(outputs.reconstruction, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("build", [_cvae, _ifcvae])
def test_further_terms_go_on_top(build, eagerly):
    network = keras.Sequential([keras.Input([3]), keras.layers.Dense(2)])
    factor_tc = objectives.FactorTC(1.0, network, keras.optimizers.SGD(), second_batch=True)
    model = build(terms=[objectives.TotalCorrelation(2.0), factor_tc], capacity=3.0)
    x, labels = _batch(16)
    model.compile("sgd")
    history = model.fit(x, labels, batch_size=8, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert {"total_correlation", "factor_tc", "factor_tc_network_loss"} <= set(history)


@pytest.mark.long
@pytest.mark.parametrize("build", [_cvae, _ifcvae])
def test_missing_and_wrong_labels_are_refused(build):
    model, (x, labels) = build(), _batch()
    model.compile("adam")
    with pytest.raises(ValueError, match="learns from labels.*with_factors=True"):
        model.fit(x, batch_size=8, verbose=0)
    with pytest.raises(ValueError, match=r"shape \[batch, 3\]"):
        model.fit(x, labels[:, :2], batch_size=8, verbose=0)


@pytest.mark.parametrize("weights", [{"label_weight": -1.0}, {"adversarial_weight": -1.0}])
def test_negative_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weight to be 0 or more"):
        _ifcvae(**weights)
