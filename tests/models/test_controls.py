"""Capacity, beta normalisation and reconstruction weight, and the sets that do not go together."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER, networks_of_terms

from tfdis import models, objectives
from tfdis.models.label_networks import build_label_discriminator

SHAPE = (16, 16, 1)
OPTIONS = {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER}
SMALL = OPTIONS | networks_of_terms("factor_vae", 3)


def _vae(**kwargs):
    return models.VAE(**OPTIONS, **kwargs)


def _adversary():
    network = build_label_discriminator(3, num_classes=2)
    return objectives.AdversarialLabel(1.0, network, keras.optimizers.SGD(), [(0, 2)])


def _outputs(step=0):
    rng = np.random.default_rng(0)
    mean, log_var = (rng.normal(size=(5, 3)).astype("float32") for _ in range(2))
    return objectives.Outputs(
        x=tf.zeros([5, *SHAPE]),
        reconstruction=tf.zeros([5, *SHAPE]),
        posterior=None,
        mean=mean,
        log_var=log_var,
        z=mean,
        step=tf.constant(step, tf.int64),
    )


def _kl():
    o = _outputs()
    return (0.5 * (o.mean**2 + np.exp(o.log_var) - o.log_var - 1)).sum(1).astype("float64")


RECONSTRUCTION = 256 * np.log(2)  # Logits of zero: log 2 a pixel.


def test_capacity_of_the_batch_mean_and_of_every_image():
    capacity = objectives.CapacitySchedule(6.0, 100)
    for per_image in (False, True):
        model = _vae(terms=[objectives.KL(3.0)], capacity=capacity, capacity_per_image=per_image)
        for step in (0, 30, 500):
            losses = model.losses_of(_outputs(step))
            c = min(6.0, 6.0 * step / 100)
            deviation = np.abs(_kl() - c).mean() if per_image else abs(_kl().mean() - c)
            assert float(losses["regularizer"]) == pytest.approx(3 * deviation, rel=1e-5)
            assert float(losses["kl_loss"]) == pytest.approx(_kl().mean(), rel=1e-5)
            assert float(losses["elbo"]) == pytest.approx(-RECONSTRUCTION - _kl().mean(), rel=1e-5)


def test_both_forms_of_capacity_differ_where_the_images_straddle_it():
    c = float(np.median(_kl()))
    mean, per_image = (
        float(_vae(capacity=c, capacity_per_image=p).losses_of(_outputs())["regularizer"])
        for p in (False, True)
    )
    assert per_image > mean + 0.1


@pytest.mark.parametrize(
    "build",
    [
        lambda **k: models.BetaTCVAE(4.0, **OPTIONS, **k),
        lambda **k: models.FactorVAE(4.0, **SMALL, **k),
        lambda **k: models.DIPVAE(5.0, 2.0, **OPTIONS, **k),
        lambda **k: models.InfoVAE(9.0, form="code", **OPTIONS, **k),
    ],
)
def test_capacity_replaces_the_kl_inside_any_objective(build):
    plain, bounded = build(), build(capacity=100.0)
    bounded.set_weights(plain.get_weights())
    with_kl, with_deviation = (float(m.losses_of(_outputs())["loss"]) for m in (plain, bounded))
    kl = _kl().mean()
    assert with_deviation - with_kl == pytest.approx((100.0 - kl) - kl, rel=1e-3)


def test_the_capacity_option_at_weight_gamma_is_the_annealed_vae():
    annealed = models.AnnealedVAE(7.0, 6.0, 100, **OPTIONS)
    model = models.BetaVAE(7.0, capacity=objectives.CapacitySchedule(6.0, 100), **OPTIONS)
    a, b = (float(m.losses_of(_outputs(40))["loss"]) for m in (annealed, model))
    assert a == pytest.approx(b, rel=1e-6)


def test_beta_normalisation_is_means_over_pixels_and_latents():
    """loss = R / n_x + beta KL / n_z, and beta_normalised = beta_sum n_z / n_x."""
    normalised = _vae(terms=[objectives.KL(0.5)], beta_normalisation=True).losses_of(_outputs())
    expected = np.log(2) + 0.5 * _kl().mean() / 3
    assert float(normalised["loss"]) == pytest.approx(expected, rel=1e-5)
    assert float(normalised["reconstruction_loss"]) == pytest.approx(RECONSTRUCTION, rel=1e-5)
    beta_sum = 0.5 * 256 / 3
    summed = _vae(terms=[objectives.KL(beta_sum)]).losses_of(_outputs())
    assert float(summed["loss"]) == pytest.approx(256 * expected, rel=1e-5)


@pytest.mark.parametrize("weight", [2.5, objectives.LinearSchedule(5.0, 0.0, end_step=4)])
def test_reconstruction_weight(weight):
    losses = _vae(reconstruction_weight=weight).losses_of(_outputs(step=2))
    expected = 2.5 * RECONSTRUCTION + _kl().mean()
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-5)


def test_terms_are_mixed_on_any_model():
    terms = [objectives.TotalCorrelation(2.0), objectives.DIPPenalty(1.0, 2.0, "i")]
    model = models.FactorVAE(4.0, terms=terms, **SMALL)
    values = model.losses_of(_outputs())
    expected = values["kl_loss"] + 4 * values["factor_tc"] + 2 * values["total_correlation"]
    weighted = terms[1](_outputs())[1]
    assert float(values["regularizer"]) == pytest.approx(float(expected + weighted), rel=1e-5)


@pytest.mark.long
def test_a_plain_vae_takes_the_factor_term_and_builds_its_discriminator(eagerly):
    model = _vae(terms=[objectives.KL(), objectives.FactorTC(3.0, second_batch=True)])
    assert model.batches_per_step == 2
    model.compile("adam")
    history = model.fit(tf.zeros([8, *SHAPE]), batch_size=4, verbose=0)
    assert np.isfinite(history.history["factor_tc_network_loss"]).all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: _vae(capacity=-1.0), "capacity to be 0 or more"),
        (lambda: _vae(reconstruction_weight=-1.0), "reconstruction_weight to be 0 or more"),
        (lambda: _vae(capacity_per_image=True), "there is none"),
        (lambda: _vae(terms=[], capacity=5.0), "none of the terms"),
        (
            lambda: models.ControlVAE(1.0, capacity=5.0, **OPTIONS),
            "of its own, or a target",
        ),
        (
            lambda: models.AnnealedVAE(1.0, 1.0, 1, capacity=5.0, **OPTIONS),
            "capacity of its own",
        ),
        (
            lambda: models.BetaTCVAE(0.01, beta_normalisation=True, **OPTIONS),
            "would reward what it shall penalise",
        ),
        (
            lambda: models.BetaTCVAE(
                objectives.LinearSchedule(0.5, 2.0, end_step=9),
                beta_normalisation=True,
                **OPTIONS,
            ),
            "beta - 1",
        ),
        (
            lambda: _vae(terms=[_adversary()]),
            "needs ground-truth labels",
        ),
        (
            lambda: models.FactorVAE(4.0, terms=[objectives.KL()], **SMALL),
            "more than once",
        ),
    ],
)
def test_sets_that_do_not_go_together_are_refused_with_the_reason(build, message):
    with pytest.raises(ValueError, match=message):
        build()
