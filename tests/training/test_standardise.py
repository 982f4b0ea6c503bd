"""Standardised inputs: what the encoder and the loss see, and what readers of the model see."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from without_graphs import running_eagerly

from tests.training.test_train import DIALECT
from tfdis import export, objectives
from tfdis.training import train as train_room

# Published for XYSquares.
MEAN, STD = 0.015625, 0.12403473458920855
OPTIONS = (
    "model.standardise = True",
    "reconstruction_loss.loss_fn = @mse_loss",
    "model.training_steps = 1",
)


def _train(folder, *bindings):
    gin.parse_config([DIALECT, *OPTIONS, *bindings])
    return train_room.train(folder).model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of standardised images."""
    with running_eagerly():
        folder = tmp_path_factory.mktemp("standardised") / "run"
        return _train(folder, "reconstruction_loss.activation = 'linear'")


@pytest.mark.long
def test_encoder_and_loss_see_standardised_images(model):
    x = np.random.default_rng(0).uniform(size=(3, 64, 64, 3)).astype("float32")
    inner = model.encoder.layers[-1]
    for expected, actual in zip(inner((x - MEAN) / STD), model.encoder(x), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6)
    y = np.random.default_rng(1).normal(size=x.shape)
    expected = (((x.astype("float64") - MEAN) / STD - y) ** 2).sum((1, 2, 3))
    loss = model.reconstruction_loss(x, y.astype("float32"))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert isinstance(model.reconstruction_loss, objectives.StandardisedLoss)


@pytest.mark.long
def test_files_and_exports_take_and_give_pixels(model, tmp_path):
    export.export_model(model, str(tmp_path / "exported"))
    x = np.random.default_rng(0).uniform(size=(3, 64, 64, 3)).astype("float32")
    z = np.random.default_rng(1).normal(size=(3, model.latent_dim)).astype("float32")
    loaded = keras.models.load_model(tmp_path / "exported" / "model.keras")
    assert loaded.reconstruction_loss == model.reconstruction_loss
    np.testing.assert_allclose(loaded.encoder(x)[0], model.encoder(x)[0], rtol=1e-6)
    signatures = tf.saved_model.load(str(tmp_path / "exported" / "tfhub")).signatures
    decoded = signatures["decoder"](latent_vectors=tf.constant(z))["images"]
    np.testing.assert_allclose(decoded, model.decoder(z) * STD + MEAN, rtol=1e-4, atol=1e-6)


def test_a_loss_of_pixels_in_0_1_is_refused(tmp_path):
    with pytest.raises(ValueError, match="activation 'linear'"):
        _train(tmp_path / "run", "reconstruction_loss.activation = 'logits'")
    assert not (tmp_path / "run").exists()


@pytest.mark.long
def test_a_set_without_published_constants_is_refused(tmp_path):
    with pytest.raises(ValueError, match="dataset_stats"):
        _train(
            tmp_path / "run",
            "reconstruction_loss.activation = 'linear'",
            "dataset.name = 'dsprites_hearts'",
        )
