"""DIP-VAE: its objective, dlib's and its own way to weigh the diagonal, bad arguments."""

import gin
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models

OPTIONS = {"image_shape": (16, 16, 1), "latent_dim": 3, **ONE_LAYER}
IMAGES = tf.constant(np.random.default_rng(0).uniform(size=(8, 16, 16, 1)), tf.float32)


@pytest.mark.parametrize("dip_type", ["i", "ii"])
def test_the_objective_is_the_elbo_and_the_penalty_on_the_covariance(dip_type):
    model = models.DIPVAE(2.0, lambda_d_factor=5.0, dip_type=dip_type, **OPTIONS)
    outputs = model.outputs(IMAGES, tf.constant(0, tf.int64))
    losses = {name: float(value) for name, value in model.losses_of(outputs).items()}
    matrix = np.cov(outputs.mean.numpy().astype("float64"), rowvar=False, bias=True)
    if dip_type == "ii":
        matrix += np.diag(np.exp(outputs.log_var.numpy().astype("float64")).mean(0))
    diagonal = np.diag(matrix)
    penalty = 2 * (matrix - np.diag(diagonal)) ** 2
    expected = penalty.sum() + 10 * ((diagonal - 1) ** 2).sum()
    assert losses["dip_penalty"] == pytest.approx(expected, rel=1e-4)
    assert losses["loss"] == pytest.approx(-losses["elbo"] + losses["dip_penalty"], rel=1e-6)


def test_the_diagonals_weight_is_a_factor_or_a_number():
    by_factor = models.DIPVAE(2.0, lambda_d_factor=5.0, **OPTIONS)
    by_number = models.DIPVAE(2.0, lambda_d=10.0, **OPTIONS)
    assert by_factor.terms == by_number.terms


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of lambda_d_factor"),
        ({"lambda_d": 1.0, "lambda_d_factor": 1.0}, "exactly one of lambda_d_factor"),
        ({"lambda_d": 1.0, "dip_type": "iii"}, "Received: 'iii'"),
        ({"lambda_d": -1.0}, "lambda_d to be 0 or more"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        models.DIPVAE(1.0, **options, **OPTIONS)


def test_dlibs_bindings_build_it():
    gin.parse_config(
        """
        dip_vae.lambda_od = 10.
        dip_vae.lambda_d_factor = 10.
        dip_vae.dip_type = "ii"
        """
    )
    build = gin.get_configurable("dip_vae")()
    term = build(**OPTIONS).terms[1]
    assert (term.lambda_od, term.lambda_d, term.kind) == (10.0, 100.0, "ii")
