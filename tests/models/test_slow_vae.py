"""SlowVAE's loss: the authors' numbers, both forms, and which images are a pair."""

import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives

# Klindt et al.'s functions (github.com/bethgelab/slow_disentanglement) on the inputs of `_outputs`, in
# float64: cross-entropies and entropies of the four pairs.
CODE_LOSS = 515.6993172819214
CODE_KL_LAPLACE = 48.67641399879612
SYMMETRIC_KL_LAPLACE = 45.9444109406033
SHAPE = (4, 4, 1)


def _outputs():
    random_state = np.random.RandomState(1)
    mean = random_state.normal(size=(8, 3))
    log_var = 0.5 * random_state.normal(size=(8, 3)) - 1.0
    x = random_state.uniform(size=(8, *SHAPE))
    logits = random_state.normal(size=(8, *SHAPE))
    x, logits, mean, log_var = (tf.constant(v, tf.float32) for v in (x, logits, mean, log_var))
    return objectives.Outputs(x, logits, None, mean, log_var, mean, step=tf.constant(0, tf.int64))


def _model(**options):
    return models.SlowVAE(image_shape=SHAPE, latent_dim=3, **ONE_LAYER, **options)


def test_the_code_s_loss_is_the_authors():
    losses = _model(form="code").losses_of(_outputs())
    assert float(losses["loss"]) == pytest.approx(CODE_LOSS, rel=1e-6)
    assert float(losses["laplace_transition"]) == pytest.approx(CODE_KL_LAPLACE, rel=1e-6)


def test_the_symmetric_form_subtracts_both_entropies():
    symmetric, code = (_model(form=form).losses_of(_outputs()) for form in ("symmetric", "code"))
    assert float(symmetric["laplace_transition"]) == pytest.approx(SYMMETRIC_KL_LAPLACE, rel=1e-6)
    difference = 10 * (CODE_KL_LAPLACE - SYMMETRIC_KL_LAPLACE)
    assert float(code["loss"] - symmetric["loss"]) == pytest.approx(difference, rel=1e-4)


def test_images_of_a_pair_are_those_of_one_row():
    model = _model()
    pairs = tf.random.stateless_uniform([3, 2, *SHAPE], [0, 1])
    outputs = model.outputs(pairs, tf.constant(0, tf.int64))
    for image in (0, 1):
        mean, _ = model.encoder(pairs[:, image])
        np.testing.assert_allclose(outputs.mean[image::2], mean, rtol=1e-5, atol=1e-6)


def test_weights_and_rate_are_the_terms():
    model = _model(beta=3.0, gamma=7.0, rate=2.0, reconstruction_weight=5.0)
    transition = objectives.LaplaceTransition(rate=2.0).value(_outputs())
    losses = model.losses_of(_outputs())
    expected = 5 * losses["reconstruction_loss"] + 3 * losses["kl_loss"] + 7 * transition
    assert float(losses["loss"]) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("options", [{"gamma": -1.0}, {"rate": 0.0}, {"form": "paper"}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="LaplaceTransition"):
        _model(**options)
