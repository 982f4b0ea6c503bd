"""The autoencoder: a deterministic code, reconstruction alone, no unused variables."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import ONE_LAYER

from tfdis import models, objectives, registry

SHAPE = (64, 64, 1)
OPTIONS = {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER}
# Encoders with a layer for the means, and with one for means and log variances.
KINDS = ("conv_encoder", "conv_padless_encoder")


def _images():
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(size=(4, *SHAPE)) > 0.9, tf.float32)


def _outputs(model, step=0):
    return model.outputs(_images(), tf.constant(step, tf.int64))


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name in KINDS, name) for name in sorted(registry.ENCODERS)])
def test_the_code_is_the_mean_and_every_variable_is_used(name):
    model = models.Autoencoder(**OPTIONS | {"encoder": name})
    with tf.GradientTape() as tape:
        outputs = _outputs(model)
        loss = model.losses_of(outputs)["loss"]
    np.testing.assert_allclose(outputs.z, outputs.mean, rtol=1e-6, atol=1e-11)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


def test_the_loss_is_the_reconstruction_alone_whatever_the_step():
    model = models.Autoencoder(**OPTIONS)
    first, second = (model.losses_of(_outputs(model, step)) for step in (0, 1))
    decoded = model.decoder(model.encoder(_images())[0])
    expected = tf.reduce_mean(objectives.BernoulliLoss()(_images(), decoded))
    assert float(first["loss"]) == pytest.approx(float(expected), rel=1e-6)
    assert float(first["loss"]) == float(second["loss"])
    assert float(first["regularizer"]) == 0.0


def test_an_encoder_that_is_no_functional_model_keeps_working(tmp_path):
    @keras.saving.register_keras_serializable("tests")
    class Encoder(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(6)

        def call(self, x):
            return keras.ops.split(self.dense(keras.ops.reshape(x, [-1, 4096])), 2, axis=-1)

    model = models.Autoencoder(**OPTIONS | {"encoder": Encoder()})
    outputs = _outputs(model)
    np.testing.assert_allclose(outputs.z, outputs.mean, rtol=1e-6, atol=1e-11)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.encoder(_images())[0], outputs.mean)


def test_terms_on_the_codes_can_be_added():
    terms = [objectives.MMD(10.0), objectives.DIPPenalty(1.0, 2.0)]
    model = models.Autoencoder(terms=terms, **OPTIONS)
    losses = model.losses_of(_outputs(model))
    expected = 10 * losses["mmd"] + losses["dip_penalty"]
    assert float(losses["regularizer"]) == pytest.approx(float(expected), rel=1e-6)
    assert float(losses["dip_penalty"]) > 0
