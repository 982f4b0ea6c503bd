"""Every likelihood inside a model: pixels, saving, mixed precision; test_conformance.py has their gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import ONE_LAYER

from tfdis import models, objectives

SHAPE = (16, 16, 1)
LIKELIHOODS = [
    objectives.BernoulliLoss("tanh"),
    objectives.BoxBlurMSELoss(radius=3),
    objectives.ContinuousBernoulliLoss(),
    objectives.GaussianLoss(scale=0.5),
    objectives.GaussianLoss(scale=0.5, learn_scale=True),
    objectives.L2Loss(),
    objectives.LaplaceLoss("tanh", scale=0.1),
    objectives.MSELoss(),
]
# For those without options, with an activation, and with a variable.
STANDING = LIKELIHOODS[4:7]
OF_EACH_KIND = [case(loss in STANDING, loss) for loss in LIKELIHOODS]


def _images():
    return tf.constant(np.random.default_rng(0).uniform(size=(4, *SHAPE)), tf.float32)


def _model(loss):
    # A learned scale is not shared between models.
    fresh = type(loss).from_config(loss.get_config())
    return models.VAE(image_shape=SHAPE, latent_dim=3, reconstruction_loss=fresh, **ONE_LAYER)


@pytest.mark.long
@pytest.mark.parametrize("loss", OF_EACH_KIND, ids=repr)
def test_a_trained_model_is_saved_with_its_likelihood(loss, tmp_path, eagerly):
    model = _model(loss)
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    first = model.fit(_images(), epochs=3, verbose=0).history["loss"]
    assert first[-1] < first[0]
    if loss.layer is not None:
        # From 0.5 towards the error's root mean square.
        scale = float(model.reconstruction_loss.log_scale)
        assert scale != float(loss.log_scale)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.reconstruction_loss == model.reconstruction_loss
    if loss.layer is not None:
        assert float(loaded.reconstruction_loss.log_scale) == scale
    step = tf.constant(0, tf.int64)
    for key, value in model.losses_of(model.outputs(_images(), step)).items():
        expected = loaded.losses_of(loaded.outputs(_images(), step))[key]
        np.testing.assert_allclose(value, expected, rtol=1e-6, err_msg=key)
    pixels = model.decode(tf.zeros([1, 3])).numpy()
    if loss.activation != "linear":
        assert pixels.min() >= 0
        assert pixels.max() <= 1


def test_beta_normalisation_makes_the_paper_mean_of_the_squared_error():
    model = models.BetaVAE(
        0.01,
        image_shape=SHAPE,
        latent_dim=3,
        beta_normalisation=True,
        reconstruction_loss=objectives.MSELoss(),
        **ONE_LAYER,
    )
    outputs = model.outputs(_images(), tf.constant(0, tf.int64))
    mean_squared_error = np.mean((outputs.x - outputs.reconstruction) ** 2)
    expected = mean_squared_error + 0.01 * float(outputs.kl) / 3
    assert float(model.losses_of(outputs)["loss"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", OF_EACH_KIND, ids=repr)
def test_mixed_precision_computes_the_likelihood_in_float32(loss):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        model = _model(loss)
        losses = model.losses_of(model.outputs(_images(), tf.constant(0, tf.int64)))
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert losses["reconstruction_loss"].dtype == tf.float32
    assert np.isfinite(float(losses["loss"]))
