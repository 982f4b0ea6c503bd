"""BF-VAE-0: the learned prior is trained, saved, and the one of KL and ELBO."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives

OPTIONS = {"image_shape": (16, 16, 1), "latent_dim": 3, **ONE_LAYER}
IMAGES = np.random.default_rng(0).uniform(size=(8, 16, 16, 1)).astype(np.float32)


def _losses(model):
    outputs = model.outputs(IMAGES, tf.constant(0, tf.int64))
    return outputs, {name: float(value) for name, value in model.losses_of(outputs).items()}


def test_it_starts_as_the_vae():
    _, losses = _losses(models.BFVAE(penalty_weight=10.0, **OPTIONS))
    assert losses["loss"] == pytest.approx(-losses["elbo"], rel=1e-6)


def test_the_prior_of_a_plain_vae_is_that_of_its_term():
    kl = objectives.LearnedPriorKL(latent_dim=2)
    model = models.VAE(terms=[kl], image_shape=(8, 8, 1), latent_dim=2, **ONE_LAYER)
    kl.layer.log_precision.assign([0.0, np.log(4.0)])
    np.testing.assert_allclose(model.prior.variance(), [1.0, 0.25], rtol=1e-6)


def test_kl_and_elbo_are_those_of_the_learned_prior():
    model = models.BFVAE(penalty_weight=10.0, beta=2.0, **OPTIONS)
    precision = np.array([0.2, 1.0, 4.0], "float32")
    model.terms[0].layer.log_precision.assign(np.log(precision))
    np.testing.assert_allclose(model.prior.variance(), 1 / precision, rtol=1e-5)
    outputs, losses = _losses(model)
    kl = outputs.posterior.kl_divergence(model.prior).numpy().mean()
    assert losses["kl_loss"] == pytest.approx(kl, rel=1e-4)
    assert losses["elbo"] == pytest.approx(-losses["reconstruction_loss"] - kl, rel=1e-5)
    penalty = ((1 / precision - 1) ** 2).sum()
    assert losses["regularizer"] == pytest.approx(2 * kl + 10 * penalty, rel=1e-5)


def test_a_capacity_bounds_the_kl_and_not_the_penalty():
    model = models.BFVAE(penalty_weight=10.0, capacity=5.0, **OPTIONS)
    model.terms[0].layer.log_precision.assign(np.log([0.5, 1.0, 1.0]))
    _, losses = _losses(model)
    expected = abs(losses["kl_loss"] - 5.0) + 10 * (1 / 0.5 - 1) ** 2
    assert losses["regularizer"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.long
def test_training_moves_the_prior_and_saving_keeps_it(tmp_path, eagerly):
    model = models.BFVAE(penalty_weight=0.1, **OPTIONS)
    layer = model.terms[0].layer
    assert any(variable is layer.log_precision for variable in model.model_variables)
    model.compile(optimizer=keras.optimizers.Adam(0.05))
    model.fit(IMAGES, batch_size=4, verbose=0)
    trained = layer.log_precision.numpy()
    assert np.abs(trained).min() > 0
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.terms[0].layer.log_precision, trained)
    assert loaded.penalty_weight == 0.1


def test_it_replaces_the_plain_kl():
    with pytest.raises(ValueError, match="'kl'"):
        models.BFVAE(terms=[objectives.KL()], **OPTIONS)


@pytest.mark.parametrize("weights", [{"penalty_weight": -1.0}, {"beta": -1.0}, {"latent_dim": 0}])
def test_bad_arguments_are_refused(weights):
    with pytest.raises(ValueError, match="Received"):
        models.BFVAE(**{**OPTIONS, **weights})
