"""The VAE base: its losses, randomness, terms and errors."""

import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives, ops

SHAPE = (16, 16, 1)
OPTIONS = {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER}


def _vae(**kwargs):
    return models.VAE(**{**OPTIONS, **kwargs})


def _images(num=4):
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(size=(num, *SHAPE)), tf.float32)


def _step(value=0):
    return tf.constant(value, tf.int64)


def test_losses_are_the_elbo_of_their_parts():
    model = models.VAE(image_shape=SHAPE, latent_dim=3)
    outputs = model.outputs(_images(), _step())
    losses = {name: float(value) for name, value in model.losses_of(outputs).items()}
    x, logits = (
        outputs.x.numpy().astype("float64"),
        outputs.reconstruction.numpy().astype("float64"),
    )
    p = 1 / (1 + np.exp(-logits))
    reconstruction = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum((1, 2, 3)).mean()
    posterior = outputs.posterior
    kl = posterior.kl_divergence(model.prior).numpy().mean()
    assert losses["reconstruction_loss"] == pytest.approx(reconstruction, rel=1e-5)
    assert losses["kl_loss"] == pytest.approx(kl, rel=1e-4, abs=1e-6)
    assert losses["elbo"] == pytest.approx(-(reconstruction + kl), rel=1e-5)
    assert losses["loss"] == pytest.approx(-losses["elbo"], rel=1e-6)


def test_beta_one_is_the_elbo_and_beta_zero_is_reconstruction_alone():
    outputs = _vae().outputs(_images(), _step())
    for beta in (0.0, 1.0, 4.0):
        losses = models.BetaVAE(beta, **OPTIONS).losses_of(outputs)
        expected = losses["reconstruction_loss"] + beta * losses["kl_loss"]
        assert float(losses["loss"]) == pytest.approx(float(expected), rel=1e-6)


def test_beta_tcvae_with_beta_one_is_the_vae():
    outputs = _vae().outputs(_images(), _step())
    tc_losses = models.BetaTCVAE(1.0, **OPTIONS).losses_of(outputs)
    assert float(tc_losses["loss"]) == pytest.approx(-float(tc_losses["elbo"]), rel=1e-6)


def test_samples_depend_on_seed_and_step_alone():
    model, other = _vae(seed=1), _vae(seed=2)
    other.set_weights(model.get_weights())
    first = model.outputs(_images(), _step(5)).z
    model.outputs(_images(), _step(6))
    np.testing.assert_array_equal(model.outputs(_images(), _step(5)).z, first)
    assert np.abs(model.outputs(_images(), _step(6)).z - first).max() > 1e-3
    assert np.abs(other.outputs(_images(), _step(5)).z - first).max() > 1e-3


def test_a_sample_is_the_posteriors_own_with_that_seed():
    outputs = _vae(seed=3).outputs(_images(), _step(5))
    expected = outputs.posterior.sample(seed=tf.constant([3, 5]))
    np.testing.assert_allclose(outputs.z, expected, rtol=1e-6)


def _graph_of_a_traced_model():
    model = _vae()
    sample = tf.function(lambda images, step: model.outputs(images, step).z)
    return weakref.ref(sample.get_concrete_function(_images(), _step()).graph)


@pytest.mark.long
def test_a_traced_model_does_not_outlive_its_last_reference():
    graph = _graph_of_a_traced_model()
    gc.collect()
    assert graph() is None


@pytest.mark.long
def test_samples_have_the_posteriors_moments():
    model = _vae()
    mean, log_var = model.encoder(_images())
    sample = tf.function(lambda step: model.outputs(_images(), step).z)
    samples = np.stack([sample(_step(i)) for i in range(600)])
    std = np.exp(log_var / 2)
    np.testing.assert_allclose(samples.mean(0), mean, atol=5 * std.max() / np.sqrt(600))
    np.testing.assert_allclose(samples.std(0), std, rtol=0.15)


def test_terms_given_to_the_vae_are_its_whole_regulariser():
    terms = [objectives.KL(2.0), objectives.TotalCorrelation(3.0)]
    assert _vae(terms=terms).terms == terms
    assert _vae().terms == [objectives.KL()]
    assert _vae(terms=[]).terms == []


def test_terms_given_to_a_published_model_are_added():
    extra = objectives.TotalCorrelation(3.0)
    model = models.BetaVAE(4.0, terms=[extra], **OPTIONS)
    assert model.terms == [objectives.KL(4.0), extra]
    losses = model.losses_of(model.outputs(_images(), _step()))
    expected = 4 * losses["kl_loss"] + 3 * losses["total_correlation"]
    assert float(losses["regularizer"]) == pytest.approx(float(expected), rel=1e-5)


def test_added_terms_survive_saving(tmp_path):
    model = _vae(terms=[objectives.KL(2.0), objectives.TotalCorrelation(3.0)])
    model.save(tmp_path / "m.keras")
    assert keras.models.load_model(tmp_path / "m.keras").terms == model.terms


def test_two_terms_of_one_name_are_refused():
    with pytest.raises(ValueError, match="more than once"):
        models.BetaVAE(4.0, terms=[objectives.KL()], **OPTIONS)


@pytest.mark.parametrize("name", ["loss", "elbo", "kl_loss", "step", "factor_tc_network_loss"])
def test_a_term_with_the_name_of_another_scalar_is_refused(name):
    """It would be logged in that one's place; under the name "loss" it would be all that is minimised."""

    class Named(objectives.Term):
        def value(self, outputs):
            return tf.ones([])

    Named.name = name
    with pytest.raises(ValueError, match=f"Received: .*{name}.*Fix: "):
        _vae(terms=[objectives.FactorTC(1.0), Named()])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_dim": 0}, "at least 1"),
        ({"image_shape": (64, 64)}, "three positive integers"),
        ({"image_shape": (3, 64, 64)}, r"Received: 3x64\..*channels first"),
        ({"image_shape": (3, 3, 64)}, r"Received: 3x3\..*mlp"),
        ({"encoder": "resnet"}, "conv_encoder"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        models.VAE(**{"image_shape": SHAPE, "latent_dim": 3, **options})


def _one_tensor_encoder(input_tensor, num_latent, is_training=True):
    return keras.layers.Dense(num_latent)(keras.layers.Flatten()(input_tensor))


def _wide_encoder(input_tensor, num_latent, is_training=True):
    return [_one_tensor_encoder(input_tensor, 2 * num_latent)] * 2


def _small_decoder(latent_tensor, output_shape, is_training=True):
    return keras.layers.Reshape([8, 8, 1])(keras.layers.Dense(64)(latent_tensor))


def _as_model(network, shape):
    inputs = keras.Input(shape)
    return keras.Model(inputs, network(inputs, 3), name=network.__name__)


class _Subclassed(keras.Model):
    def __init__(self, num_outputs):
        super().__init__(name="subclassed")
        self.denses = [keras.layers.Dense(3) for _ in range(num_outputs)]

    def call(self, images):
        x = keras.ops.reshape(images, [-1, SHAPE[0] * SHAPE[1] * SHAPE[2]])
        outputs = [dense(x) for dense in self.denses]
        return outputs if len(outputs) > 1 else outputs[0]


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ({"encoder": _one_tensor_encoder}, r"\(mean, log_var\).*\[\(None, 3\)\] from _one_tensor"),
        ({"encoder": _wide_encoder}, r"\(None, 3\).*\[\(None, 6\), \(None, 6\)\] from _wide"),
        ({"encoder": _as_model(_one_tensor_encoder, SHAPE)}, r"\(mean, log_var\).*_one_tensor"),
        ({"encoder": _Subclassed(1)}, r"\(mean, log_var\).*\[\(None, 3\)\] from subclassed"),
        ({"decoder": _small_decoder}, r"\(16, 16, 1\).*Received: \(8, 8, 1\) from _small"),
        ({"decoder": _as_model(_small_decoder, [3])}, r"\(16, 16, 1\).*\(8, 8, 1\) from _small"),
    ],
)
def test_networks_of_another_make_are_refused_in_one_line(networks, message):
    with pytest.raises(ValueError, match=message) as caught:
        _vae(**networks)
    assert "\n" not in str(caught.value)


def test_a_subclassed_encoder_is_taken():
    assert _vae(encoder=_Subclassed(2)).encode(_images()).mean().shape == (4, 3)


def test_beta_tcvae_refuses_a_negative_beta():
    with pytest.raises(ValueError, match=r"BetaTCVAE: expected beta to be 0 or more. Received: -1"):
        models.BetaTCVAE(-1.0, **OPTIONS)


def test_evaluation_does_not_move_the_weights(eagerly):
    model = _vae()
    model.compile(optimizer="adam")
    before = model.get_weights()
    model.evaluate(_images(), batch_size=2, verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_decode_gives_pixels():
    images = _vae().decode(tf.zeros([2, 3])).numpy()
    assert images.shape == (2, *SHAPE)
    assert images.min() >= 0
    assert images.max() <= 1


class _LearnedScale(objectives.Term):
    """A term with one variable of its own: scale * KL."""

    name = "learned_scale"

    def __init__(self, weight=1.0):
        super().__init__(weight)
        self.layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        self.layer.build((None, 1))

    def value(self, outputs):
        return tf.squeeze(self.layer(tf.reshape(outputs.kl, [1, 1])))


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_layer_of_a_term_is_trained_saved_and_checkpointed_with_the_model(tmp_path):
    keras.saving.register_keras_serializable("tests")(_LearnedScale)
    model = _vae(terms=[_LearnedScale()])
    kernel = model.terms[0].layer.kernel
    assert any(variable is kernel for variable in model.model_variables)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(_images(), batch_size=2, verbose=0)
    trained = kernel.numpy()
    assert np.abs(trained - 1).max() > 1e-3
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded.terms[0].layer.kernel, trained)
    path = tf.train.Checkpoint(model=model).write(str(tmp_path / "checkpoint"))
    other = _vae(terms=[_LearnedScale()])
    tf.train.Checkpoint(model=other).restore(path).expect_partial()
    np.testing.assert_array_equal(other.terms[0].layer.kernel, trained)


def test_beta_tcvae_weighs_all_three_parts():
    model = models.BetaTCVAE(5.0, alpha=0.5, gamma=2.0, **OPTIONS)
    outputs = model.outputs(_images(), _step())
    parts = ops.elbo_decomposition(outputs.z, outputs.mean, outputs.log_var, "even")
    expected = sum(w * float(part) for w, part in zip((0.5, 5.0, 2.0), parts, strict=True))
    assert float(model.losses_of(outputs)["regularizer"]) == pytest.approx(expected, rel=1e-5)


def test_beta_of_beta_tcvae_may_be_a_schedule():
    for options in ({}, {"alpha": 0.5}):
        ramp = objectives.LinearSchedule(1.0, 5.0, end_step=10)
        model = models.BetaTCVAE(ramp, **OPTIONS, **options)
        fixed = models.BetaTCVAE(3.0, **OPTIONS, **options)
        outputs = model.outputs(_images(), _step(5))
        expected = float(fixed.losses_of(outputs)["regularizer"])
        assert float(model.losses_of(outputs)["regularizer"]) == pytest.approx(expected, rel=1e-5)
