"""The controller of beta: the authors' numbers, its state, the lock and its release, and resumed runs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives

SHAPE = (4, 4, 1)


def _outputs(kl, step=0):
    """Outputs of a batch of one image whose KL divergence is `kl`: its single mean is sqrt(2 kl)."""
    mean = tf.constant([[np.sqrt(2 * kl)]], tf.float32)
    nothing = dict.fromkeys(["x", "reconstruction", "posterior", "z"])
    step = tf.constant(step, tf.int64)
    return objectives.Outputs(**nothing, mean=mean, log_var=tf.zeros([1, 1]), step=step)


def _betas(term, kls):
    found = []
    for step, kl in enumerate(kls):
        outputs = _outputs(kl, step)
        found.append(float(term(outputs)[0]))
        term.after_step(outputs)
    return found


def test_beta_is_what_the_authors_controller_gives():
    # Shao et al.'s PI controller (github.com/shj1987/ControlVAE-ICML2020), run on a KL divergence that falls
    # from 40 to 18 in 60 steps, towards C = 18.
    kls = np.linspace(40, 18, 60)
    found = _betas(objectives.ControlledKL(18.0), kls)
    expected = [1.032, 1.05362712, 1.07488136, 1.09576271]
    np.testing.assert_allclose(found[:4], expected, rtol=1e-6)


def test_beta_follows_the_formulas_with_every_constant_and_a_rising_target():
    k_p, k_i, beta_min = 0.6, 0.02, 0.5
    target = objectives.StaircaseSchedule(0.5, 2.0, 10, 7.0)
    term = objectives.ControlledKL(target, k_p, k_i, beta_min)
    kls = 3 + 2.9 * np.sin(np.arange(80) / 5)
    integral, before, expected, kept = 0.0, beta_min, [], 0
    for step, kl in enumerate(kls):
        error = min(0.5 + 2.0 * ((step + 1) // 10), 7.0) - kl
        kept += before < beta_min
        integral -= k_i * error if before >= beta_min else 0.0
        before = k_p / (1 + np.exp(error)) + beta_min + integral
        expected.append(max(before, beta_min))
    assert 0 < kept < 80 and min(expected) == beta_min
    np.testing.assert_allclose(_betas(term, kls), expected, rtol=1e-5)


@pytest.mark.parametrize("anti_windup", ["published", "releasing"])
def test_the_published_controller_locks_and_the_releasing_one_does_not(anti_windup):
    # The authors' code gives beta = 1 in all steps, too: the first error takes I to -.018.
    found = _betas(objectives.ControlledKL(18.0, anti_windup=anti_windup), [0.0] + [100.0] * 50)
    if anti_windup == "published":
        assert found == [1.0] * 51
    else:
        np.testing.assert_allclose(np.diff(found[1:]), 0.082, rtol=1e-4)


def test_an_extreme_kl_leaves_state_and_loss_finite():
    term = objectives.ControlledKL(1e6, anti_windup="releasing")
    assert np.isfinite(_betas(term, [0.0, 1e6, 0.0])).all()


def test_beta_passes_no_gradient_and_weighs_the_kl():
    mean = tf.constant([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        tape.watch(mean)
        nothing = dict.fromkeys(["x", "reconstruction", "posterior", "z"])
        beta, weighted = objectives.ControlledKL(1.0, k_i=0.5)(
            objectives.Outputs(**nothing, mean=mean, log_var=0 * mean, step=tf.constant(0))
        )
    assert float(weighted) == pytest.approx(2.5 * float(beta))
    np.testing.assert_allclose(tape.gradient(weighted, mean), float(beta) * mean)


def _model():
    return models.ControlVAE(2.0, k_i=0.1, image_shape=SHAPE, latent_dim=2, **ONE_LAYER)


def _stream():
    images = np.random.default_rng(0).uniform(size=(6, *SHAPE)).astype("float32")
    return tf.data.Dataset.from_tensors(images).repeat()


def _state(model):
    layer = model.controlled_beta_layer
    return float(layer.integral), float(layer.unclamped)


@pytest.mark.usefixtures("eagerly")
def test_training_steps_change_the_state_and_evaluation_does_not():
    model = _model()
    model.compile(keras.optimizers.Adam(1e-2))
    assert _state(model) == (0.0, 1.0)
    model.fit(_stream(), steps_per_epoch=1, verbose=0, shuffle=False)
    once = _state(model)
    assert once[0] != 0 and once[1] != 1
    model.evaluate(_stream(), steps=2, verbose=0)
    assert _state(model) == once
    assert {v.path for v in model.trainable_variables}.isdisjoint(
        v.path for v in model.controlled_beta_layer.variables
    )


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_saved_controller_goes_on_exactly(tmp_path):
    whole, parts = _model(), _model()
    parts.set_weights(whole.get_weights())
    for model, steps in ((whole, 2), (parts, 1)):
        model.compile(keras.optimizers.SGD(1e-3))
        model.fit(_stream(), steps_per_epoch=steps, verbose=0, shuffle=False)
    parts.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert _state(loaded) == _state(parts) != _state(whole)
    loaded.fit(_stream(), steps_per_epoch=1, verbose=0, shuffle=False)
    assert _state(loaded) == _state(whole)
    for a, b in zip(loaded.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)


@pytest.mark.parametrize(
    "options", [{"target": -1.0}, {"k_p": -1.0}, {"k_i": -1.0}, {"anti_windup": "some"}]
)
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="ControlledKL"):
        objectives.ControlledKL(**{"target": 1.0} | options)


@pytest.mark.parametrize("options", [{"increase": -1}, {"period": 0}, {"maximum": 0.1}])
def test_bad_staircases_are_refused(options):
    good = {"start": 0.5, "increase": 0.15, "period": 5, "maximum": 18.0}
    with pytest.raises(ValueError, match="StaircaseSchedule"):
        objectives.StaircaseSchedule(**good | options)
