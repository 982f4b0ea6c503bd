"""Laws that every registered model obeys, whatever its objective."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import models

SHAPE = (16, 16, 1)
HYPERPARAMETERS = {
    "vae": {"beta": 4.0},
    "annealed_vae": {"gamma": 10.0, "c_max": 5.0, "iteration_threshold": 100},
    "beta_tc_vae": {"beta": 6.0},
}
NAMES = sorted(models.MODELS)


def _model(name, **kwargs):
    options = {"image_shape": SHAPE, "latent_dim": 3, **HYPERPARAMETERS[name], **kwargs}
    return models.MODELS[name](**options)


def _images(num=8):
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(size=(num, *SHAPE)) > 0.8, tf.float32)


def _stream(num=8):
    return tf.data.Dataset.from_tensors(_images(num)).repeat()


def _own_config(model):
    """The configuration without the networks, whose outputs are compared instead."""
    return {k: v for k, v in model.get_config().items() if k not in ("encoder", "decoder")}


def test_every_model_has_its_hyperparameters_here():
    assert set(HYPERPARAMETERS) == set(models.MODELS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("networks", [("conv_encoder", "deconv_decoder"), ("fc_encoder", "fc_decoder")])
def test_one_step_gives_every_variable_a_finite_gradient(name, networks):
    model = _model(name, encoder=networks[0], decoder=networks[1])
    with tf.GradientTape() as tape:
        loss = model.losses_of(model.outputs(_images(), tf.constant(1, tf.int64)))["loss"]
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


@pytest.mark.parametrize("name", NAMES)
def test_keras_file_keeps_configuration_and_outputs(name, tmp_path):
    model = _model(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    assert _own_config(loaded) == _own_config(model)
    assert loaded.terms == model.terms
    for key, value in model(_images()).items():
        np.testing.assert_array_equal(loaded(_images())[key], value)


@pytest.mark.parametrize("name", NAMES)
def test_training_lowers_the_loss_with_plain_compile_and_fit(name):
    model = _model(name)
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    history = model.fit(_stream(), steps_per_epoch=15, epochs=2, verbose=0, shuffle=False)
    assert history.history["loss"][1] < history.history["loss"][0]


@pytest.mark.parametrize("name", NAMES)
def test_graph_equals_eager(name):
    model = _model(name)
    step = tf.constant(3, tf.int64)
    eager = model.losses_of(model.outputs(_images(), step))
    graph = tf.function(lambda x: model.losses_of(model.outputs(x, step)))(_images())
    for key, value in eager.items():
        np.testing.assert_allclose(graph[key], value, rtol=1e-5, atol=1e-6, err_msg=key)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_with_float32_variables_and_losses(name, policy):
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        model = _model(name)
        model.compile(optimizer="adam")
        history = model.fit(_stream(), steps_per_epoch=2, verbose=0, shuffle=False)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    assert model(_images())["reconstruction"].dtype == tf.float32
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize("name", NAMES)
def test_two_replicas_train(name):
    devices = tf.config.list_logical_devices("CPU")
    strategy = tf.distribute.MirroredStrategy([device.name for device in devices])
    with strategy.scope():
        model = _model(name)
        model.compile(optimizer="adam")
    history = model.fit(_stream(), steps_per_epoch=2, verbose=0, shuffle=False)
    assert np.isfinite(history.history["loss"]).all()
