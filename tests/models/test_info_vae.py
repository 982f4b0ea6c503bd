"""InfoVAE: both published forms, their limits, randomness of the prior, bad arguments."""

import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, ops

OPTIONS = {"image_shape": (16, 16, 1), "latent_dim": 3, **ONE_LAYER}
IMAGES = tf.constant(np.random.default_rng(0).uniform(size=(8, 16, 16, 1)), tf.float32)


def _losses(model, step=0):
    outputs = model.outputs(IMAGES, tf.constant(step, tf.int64))
    return outputs, {name: float(value) for name, value in model.losses_of(outputs).items()}


@pytest.mark.parametrize(
    ("options", "kl_weight", "mmd_weight"),
    [
        ({"lambda_mmd": 1000.0, "form": "code"}, 1.0, 1000.0),
        ({"lambda_mmd": 10.0}, 1.0, 9.0),
        ({"lambda_mmd": 10.0, "alpha": 0.25}, 0.75, 9.25),
        ({"lambda_mmd": 10.0, "alpha": 1.0}, 0.0, 10.0),
        ({"lambda_mmd": 10.0, "alpha": -4.0}, 5.0, 5.0),
    ],
)
def test_both_forms_weigh_kl_and_mmd_as_published(options, kl_weight, mmd_weight):
    model = models.InfoVAE(**options, **OPTIONS)
    outputs, losses = _losses(model)
    prior = model.terms[1].prior_samples(outputs.step, 3)
    assert prior.shape == (1000, 3)
    mmd = float(ops.mmd(outputs.z, prior, "squared_dim", "biased"))
    assert losses["mmd"] == pytest.approx(mmd, rel=1e-5)
    expected = losses["reconstruction_loss"] + kl_weight * losses["kl_loss"] + mmd_weight * mmd
    assert losses["loss"] == pytest.approx(expected, rel=1e-5)


def test_paper_form_with_no_alpha_and_unit_lambda_is_the_vae():
    _, losses = _losses(models.InfoVAE(1.0, **OPTIONS))
    assert losses["loss"] == pytest.approx(-losses["elbo"], rel=1e-6)


def test_the_prior_follows_the_models_seed_and_step():
    model = models.InfoVAE(1000.0, seed=1, **OPTIONS)
    first, again, later = (_losses(model, step)[1]["mmd"] for step in (3, 3, 4))
    assert first == again != later
    assert models.InfoVAE(1000.0, seed=2, **OPTIONS).terms[1].seed == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lambda_mmd": 1.0, "form": "mmd"}, "Received: 'mmd'"),
        ({"lambda_mmd": 1.0, "form": "code", "alpha": 0.5}, "no alpha"),
        ({"lambda_mmd": 1.0, "alpha": 1.5}, "alpha <= 1"),
        ({"lambda_mmd": 0.5}, r"alpha \+ lambda_mmd >= 1"),
        ({"lambda_mmd": -1.0, "form": "code"}, "weight to be 0 or more"),
        ({"lambda_mmd": 1.0, "kernel": "rbf"}, "Received: 'rbf'"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        models.InfoVAE(**options, **OPTIONS)
