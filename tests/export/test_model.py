"""An exported model is the same function, whoever reads it."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.export import export_model
from tfdis.export.model import sample_gaussian

FORMS = ["tfhub", "saved_model"]


@pytest.fixture(scope="module")
def expected(model, images):
    mean, log_var = model.encoder(images)
    return {"mean": np.array(mean), "logvar": np.array(log_var)}


def _assert_close(outputs, expected):
    assert set(outputs) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_tf_saved_model_load(run_dir, form, images, expected):
    module = tf.saved_model.load(f"{run_dir}/{form}")
    _assert_close(module.signatures["gaussian_encoder"](images=tf.constant(images)), expected)


@pytest.mark.parametrize("form", FORMS)
def test_tfsm_layer(run_dir, form, images, expected):
    layer = keras.layers.TFSMLayer(f"{run_dir}/{form}", call_endpoint="gaussian_encoder")
    _assert_close(layer(images), expected)


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_hub_load_and_hub_keras_layer(run_dir, form, images, expected):
    hub = pytest.importorskip("tensorflow_hub")
    module = hub.load(f"{run_dir}/{form}")
    _assert_close(module.signatures["gaussian_encoder"](images=tf.constant(images)), expected)
    layer = hub.KerasLayer(
        f"{run_dir}/{form}", signature="gaussian_encoder", signature_outputs_as_dict=True
    )
    _assert_close(layer(tf.constant(images)), expected)


def test_decoder(run_dir, model):
    z = np.random.RandomState(3).normal(size=(4, 3)).astype(np.float32)
    module = tf.saved_model.load(f"{run_dir}/tfhub")
    logits = module.signatures["decoder"](latent_vectors=tf.constant(z))["images"]
    np.testing.assert_allclose(logits, model.decoder(z), atol=1e-5)


def test_reconstructions_decode_a_new_sample_each_time(run_dir, model, images):
    module = tf.saved_model.load(f"{run_dir}/tfhub")
    first, second = (
        module.signatures["reconstructions"](images=tf.constant(images))["images"].numpy()
        for _ in range(2)
    )
    assert first.shape == images.shape
    assert np.abs(first - second).max() > 1e-3


def test_sample_gaussian_has_the_posterior_s_moments():
    tf.random.set_seed(4)
    mean, log_var = tf.fill([20000, 2], 3.0), tf.fill([20000, 2], np.log(0.25).astype(np.float32))
    sample = sample_gaussian(mean, log_var).numpy()
    # Standard error of the mean .5 / sqrt(40000) = .0025; of the variance .25 * sqrt(2 / 40000).
    assert abs(sample.mean() - 3.0) < 5 * 0.0025
    assert abs(sample.var() - 0.25) < 5 * 0.25 * np.sqrt(2 / 40000)


def test_native_model_has_the_same_weights(run_dir, model):
    loaded = keras.saving.load_model(f"{run_dir}/model.keras")
    for ours, theirs in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_serving_default(run_dir, images, expected):
    module = tf.saved_model.load(f"{run_dir}/saved_model")
    _assert_close(module.signatures["serving_default"](images=tf.constant(images)), expected)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_finetuning_through_hub_keras_layer(run_dir, model, images, expected):
    hub = pytest.importorskip("tensorflow_hub")
    tf_keras = pytest.importorskip("tf_keras")
    layer = hub.KerasLayer(f"{run_dir}/saved_model", trainable=True)
    np.testing.assert_allclose(layer(tf.constant(images)), expected["mean"], atol=1e-5)
    # Kernel and bias of the convolution and of the mean's head, gamma and beta of
    # BatchNormalization.
    assert len(layer.trainable_weights) == 6
    classifier = tf_keras.Sequential([layer, tf_keras.layers.Dense(2)])
    classifier.compile("sgd", tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    before = [weight.numpy() for weight in layer.trainable_weights]
    classifier.fit(images, np.array([0, 1, 0, 1, 1]), epochs=1, verbose=0)
    changed = [np.any(a != b.numpy()) for a, b in zip(before, layer.trainable_weights, strict=True)]
    assert all(changed)


@pytest.mark.long
def test_overwrite(run_dir, tmp_path, model):
    for form in (*FORMS, "model.keras"):
        os.symlink(f"{run_dir}/{form}", tmp_path / form)
    with pytest.raises(FileExistsError):
        export_model(model, str(tmp_path))
    export_model(model, str(tmp_path), overwrite=True)
    assert not any(path.is_symlink() for path in tmp_path.iterdir())
    assert sorted(os.listdir(tmp_path)) == ["model.keras", "saved_model", "tfhub"]


@pytest.mark.long
def test_nothing_appears_if_one_form_fails(tmp_path, model, monkeypatch):
    def fail(path):
        raise OSError("No space left on device")

    monkeypatch.setattr(model, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        export_model(model, str(tmp_path))
    assert os.listdir(tmp_path) == []
