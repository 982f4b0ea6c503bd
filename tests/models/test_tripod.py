"""Tripod: its grid of values, the layers that it looks at, float32 whatever the precision, bad input."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import models, networks, objectives, ops
from tfdis.networks.exposed import exposed_layers

OPTIONS = {"image_shape": (8, 8, 1), "latent_dim": 3, "encoder": "fc_encoder"}
IMAGES = tf.constant(np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), tf.float32)


def _model(**options):
    return models.Tripod(**{**OPTIONS, "decoder": "fc_decoder", **options})


def test_values_are_evenly_spaced_from_minus_one_to_one_with_the_gradient_of_the_tanh():
    codes = tf.constant(np.random.default_rng(0).normal(size=(300, 3)) * 2, tf.float32)
    model = _model(num_values=5)
    with tf.GradientTape() as tape:
        tape.watch(codes)
        z = model.code(codes)
    bounded = np.tanh(codes.numpy().astype(np.float64))
    expected = 2 * np.round((bounded + 1) / 2 * 4) / 4 - 1
    np.testing.assert_allclose(z, expected, atol=1e-6)
    assert np.unique(z).tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    np.testing.assert_allclose(tape.gradient(z, codes), 1 - bounded**2, atol=1e-5)
    np.testing.assert_array_equal(model.quantiser(codes)["indices"], np.round(expected * 2 + 2))


@pytest.mark.long
def test_its_own_decoder_shows_the_condition_and_all_stages_but_the_last():
    decoder = networks.build_decoder("residual_decoder", (64, 64, 3), 4)
    shapes = [tuple(output.shape[1:]) for output in exposed_layers(decoder).outputs]
    assert shapes == [(256,), (8, 8, 256), (16, 16, 128), (32, 32, 64)]


def test_of_other_decoders_it_sees_the_layers_with_kernels_but_the_last():
    model = _model()
    z = tf.constant([[0.5, -0.25, 1.0]])
    kernels = [
        layer for layer in model.decoder.layers if getattr(layer, "kernel", None) is not None
    ]
    seen = exposed_layers(model.decoder)(z)
    assert len(seen) == len(kernels) - 1
    np.testing.assert_allclose(seen[0], kernels[0](z), rtol=1e-6)


@pytest.mark.long
def test_the_penalty_compares_its_layers_at_the_codes_and_spreads_of_the_batch():
    model = _model()
    means = model.encoder.get_layer("means")
    means.kernel.assign(means.kernel * 20)  # Codes that the tanh bends.
    term = next(t for t in model.terms if isinstance(t, objectives.HessianPenalty))
    outputs = model.outputs(IMAGES, tf.constant(4, tf.int64))
    signs, normals = term.directions(tf.constant(4, tf.int64), [6, 3])
    assert set(np.unique(signs)) == {-1.0, 1.0} and signs.shape == normals.shape == (2, 6, 3)
    scale = tf.tanh(outputs.mean).numpy().std(0) + 1e-6
    expected = ops.normalised_hessian_penalty(
        exposed_layers(model.decoder), outputs.z, tf.constant(scale), signs, normals
    )
    assert float(term.value(outputs)) == pytest.approx(float(tf.reduce_mean(expected)), rel=1e-2)
    other = term.directions(tf.constant(5, tf.int64), [6, 3])
    assert np.abs(other[1] - normals).max() > 0.1


@pytest.mark.long
def test_the_penalty_moves_the_decoder_and_survives_a_file(tmp_path):
    model = _model(information_weight=0.0, reconstruction_weight=0.0)
    with tf.GradientTape() as tape:
        loss = model.losses_of(model.outputs(IMAGES, tf.constant(0, tf.int64)))["loss"]
    first = model.decoder.trainable_variables[0]
    assert np.abs(tape.gradient(loss, first.value)).max() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    # Its layers are the loaded decoder's own: they follow its weights.
    for variable in loaded.decoder.trainable_variables:
        variable.assign(tf.zeros_like(variable))
    losses = loaded.losses_of(loaded.outputs(IMAGES, tf.constant(0, tf.int64)))
    assert float(losses["hessian_penalty"]) == 0.0


def test_the_decoder_computes_in_float32_under_mixed_precision():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        model = _model()
        assert model.encoder.get_layer("means").compute_dtype == "bfloat16"
        assert {layer.compute_dtype for layer in model.decoder.layers} == {"float32"}
        assert all(
            output.dtype == tf.float32 for output in exposed_layers(model.decoder)(tf.ones([1, 3]))
        )
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


@keras.saving.register_keras_serializable("tests")
class _Hidden(keras.Model):
    """A decoder that shows nothing of its inside."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(64)

    def call(self, z, training=None):
        return tf.reshape(self.dense(z), [-1, 8, 8, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_values": 1}, "num_values of at least 2"),
        ({"hessian_weight": -1.0}, "HessianPenalty.*0 or more"),
        ({"marginal_bandwidth": "scott"}, "Received: 'scott'"),
        ({"decoder": _Hidden()}, "shows its layers"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _model(**options)
