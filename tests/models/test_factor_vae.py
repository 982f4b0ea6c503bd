"""FactorVAE: which loss moves which network, the second batch, and its optimiser's state."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import ONE_LAYER, networks_of_terms

from tfdis import models, objectives
from tfdis.models.trained_by_terms import TrainedByTerms

SHAPE = (16, 16, 1)


def _model(cls=models.FactorVAE, **kwargs):
    small = ONE_LAYER | networks_of_terms("factor_vae", 3)
    return cls(6.4, **{"image_shape": SHAPE, "latent_dim": 3, **small, **kwargs})


def _images(num=8, seed=0):
    return tf.random.stateless_uniform([num, *SHAPE], [seed, 1])


def test_the_discriminators_loss_never_reaches_the_model_and_vice_versa():
    model = _model()
    with tf.GradientTape(persistent=True) as tape:
        outputs = model.outputs(_images(), tf.constant(0, tf.int64), training=True)
        own_loss = model.trained_terms[0].own_loss(outputs, outputs)
        loss = model.losses_of(outputs)["loss"]
    discriminator = model.factor_tc_network.trainable_variables
    assert tape.gradient(own_loss, model.model_variables) == [None] * len(model.model_variables)
    assert all(g is not None for g in tape.gradient(own_loss, discriminator))
    # The model's loss depends on the discriminator, but is not what updates it:
    assert {id(v) for v in model.model_variables}.isdisjoint({id(v) for v in discriminator})
    encoder = model.encoder.trainable_variables
    assert all(g is not None for g in tape.gradient(loss, encoder))


@pytest.mark.long
@pytest.mark.parametrize(("counting", "step"), [("updates", 3), ("dlib", 6)])
def test_schedules_read_the_step_and_noise_the_update(counting, step):
    seen = {}

    class Spy(models.FactorVAE):
        def losses_of(self, outputs):
            seen.update(step=outputs.step, draw=outputs.draw)
            return super().losses_of(outputs)

    model = _model(Spy, step_counting=counting)
    model.compile(keras.optimizers.Adam(), run_eagerly=True)
    model.optimizer.iterations.assign(3)
    model.train_on_batch(_images())
    assert (int(seen["step"]), int(seen["draw"])) == (step, 3)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_each_optimizer_takes_its_own_gradients_at_the_same_weights():
    model = _model()
    term = model.trained_terms[0]
    term.optimizer = keras.optimizers.SGD(0.1)
    model.compile(keras.optimizers.SGD(1e-3))
    with tf.GradientTape(persistent=True) as tape:
        outputs = model.outputs(_images(), tf.constant(0, tf.int64), training=True)
        loss = model.losses_of(outputs)["loss"]
        own_loss = term.own_loss(outputs, outputs)
    own = term.network.trainable_variables
    expected = [
        v - 1e-3 * g
        for v, g in zip(
            model.model_variables, tape.gradient(loss, model.model_variables), strict=True
        )
    ]
    expected += [v - 0.1 * g for v, g in zip(own, tape.gradient(own_loss, own), strict=True)]
    before = model.get_weights()
    model.fit(_images(), batch_size=8, shuffle=False, verbose=0)
    assert all(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))
    for variable, value in zip([*model.model_variables, *own], expected, strict=True):
        np.testing.assert_allclose(variable, value, rtol=1e-4, atol=1e-6)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_the_second_batch_is_only_the_discriminators():
    one, two = _model(), _model(second_batch=True)
    two.set_weights(one.get_weights())
    assert (one.batches_per_step, two.batches_per_step) == (1, 2)
    for model in (one, two):
        model.compile(keras.optimizers.SGD(0.0))
    first, second = _images(seed=1), _images(seed=2)
    losses = [
        model.fit(x, batch_size=16, shuffle=False, verbose=0).history
        for model, x in ((one, first), (two, tf.concat([first, second], 0)))
    ]
    assert losses[0]["loss"] == losses[1]["loss"]
    assert losses[0]["factor_tc_network_loss"] != losses[1]["factor_tc_network_loss"]


@pytest.mark.long
def test_the_discriminator_learns_to_tell_dependent_codes():
    model = _model(encoder=DependentEncoder(), discriminator_optimizer=keras.optimizers.Adam(3e-3))
    model.compile(keras.optimizers.SGD(0.0))
    stream = tf.data.Dataset.from_tensors(_images(64)).repeat()
    history = model.fit(stream, steps_per_epoch=15, epochs=2, shuffle=False, verbose=0).history
    assert history["factor_tc_network_loss"][-1] < 0.5
    assert history["factor_tc"][-1] > 0.5


@keras.saving.register_keras_serializable("tests")
class DependentEncoder(keras.Model):
    """All latents are the same number, almost without noise."""

    def call(self, images, training=None):
        value = tf.reduce_mean(images, axis=[1, 2, 3])[:, None] * 100 - 50
        return tf.tile(value, [1, 3]), tf.fill([tf.shape(images)[0], 3], -10.0)


@pytest.mark.long
def test_checkpoints_keep_the_discriminators_weights_and_optimizer(tmp_path, eagerly):
    model = _model()
    model.compile("adam")
    model.fit(_images(), batch_size=4, verbose=0)
    term = model.trained_terms[0]

    def checkpoint(of):
        return tf.train.Checkpoint(
            model=of, optimizer=of.optimizer, own=of.trained_terms[0].optimizer
        )

    path = checkpoint(model).write(str(tmp_path / "ckpt"))
    other = _model()
    other.compile("adam")
    checkpoint(other).read(path).assert_existing_objects_matched()
    pairs = zip(
        [*term.network.weights, *term.optimizer.variables],
        [*other.trained_terms[0].network.weights, *other.trained_terms[0].optimizer.variables],
        strict=True,
    )
    for a, b in pairs:
        np.testing.assert_array_equal(a, b)
    assert int(other.trained_terms[0].optimizer.iterations) == 2


@pytest.mark.long
@pytest.mark.parametrize("scaled", [case(False, False), case(True, True)])
def test_keras_files_keep_the_discriminators_optimizer(scaled, tmp_path, eagerly):
    optimizer = keras.optimizers.Adam(3e-4)
    if scaled:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model = _model(discriminator_optimizer=optimizer)
    model.compile("adam")
    model.fit(_images(), batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected, received = (m.trained_terms[0].optimizer.variables for m in (model, loaded))
    for a, b in zip(received, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    # Without `compile` there is no training to go on with: neither optimiser has a state.
    uncompiled = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert not uncompiled.trained_terms[0].optimizer.built
    uncompiled.save(tmp_path / "uncompiled.keras")
    keras.saving.load_model(tmp_path / "uncompiled.keras")


@pytest.mark.long
def test_a_file_without_the_discriminators_optimizer_is_read_and_says_so(
    tmp_path, monkeypatch, warnings_given
):
    model = _model()
    model.compile("adam")
    with monkeypatch.context() as patch:
        # As version 0.1.0 wrote it.
        patch.delattr(TrainedByTerms, "save_own_variables")
        model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(_images())["mean"], model(_images())["mean"])
    keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert len(warnings_given) == 1 and "factor_tc_optimizer_0" in warnings_given[0]


def test_a_negative_gamma_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        models.FactorVAE(-1.0, image_shape=SHAPE)


def test_the_discriminator_may_be_named():
    with pytest.raises(ValueError, match="fc_discriminator"):
        _model(discriminator="resnet")
    assert isinstance(_model().terms[1], objectives.FactorTC)
