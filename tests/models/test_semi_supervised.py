"""Supervised terms mix with every model: gradients, `.keras` files, training; and bad batches."""

import keras
import numpy as np
import pytest
import small_models
import tensorflow as tf
from one_of_each_kind import MODELS as KINDS
from one_of_each_kind import case, marked
from small_models import FACTOR_SIZES, ONE_LAYER, batch

from tfdis import models, objectives, registry

SHAPE = (8, 8, 1)
LATENT_DIM = 4
TERMS = {
    "cov": {},
    "embed": {"sigma": "learn"},
    "l2": {},
    "mine": {},
    "xent": {},
}
# The supervised VAE gets the term of each test in place of its own.
SETTINGS = small_models.settings() | {"supervised_vae": {}}
CASES = [(name, term) for name in SETTINGS for term in TERMS]
# Every model once, terms in turn.
ONCE = [(name, list(TERMS)[index % len(TERMS)]) for index, name in enumerate(SETTINGS)]


def _options(name):
    options = {"image_shape": SHAPE, "latent_dim": LATENT_DIM, **ONE_LAYER, **SETTINGS[name]}
    return options | small_models.networks_of_terms(name, LATENT_DIM, SHAPE)


def _model(name, term, **options):
    supervised = registry.OBJECTIVES[term](3.0, FACTOR_SIZES, **TERMS[term])
    return models.MODELS[name](terms=[supervised], **_options(name) | options)


def _labelled():
    return small_models.labelled(5, SHAPE)


def _stream(model):
    x, *labels = batch(model)
    return tf.data.Dataset.from_tensors((x, (*labels, *_labelled()))).repeat()


def _losses(model):
    x, *labels = batch(model)
    step = tf.constant(1, tf.int64)
    return model.losses_of(model.outputs(x, step, *labels, labelled=_labelled()))


def test_every_supervised_term_is_here():
    supervised = {
        name
        for name, value in registry.OBJECTIVES.items()
        if isinstance(value, type) and issubclass(value, objectives.SupervisedTerm)
    }
    assert set(TERMS) == supervised


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "term"), [case(pair in ONCE and pair[0] in KINDS, *pair) for pair in CASES]
)
def test_a_term_moves_the_encoder_and_is_weighed_in_the_loss(name, term):
    model = _model(name, term)
    plain = models.MODELS[name](**_options(name))
    plain.encoder.set_weights(model.encoder.get_weights())
    plain.decoder.set_weights(model.decoder.get_weights())
    for mine, other in zip(plain.trained_terms, model.trained_terms, strict=False):
        mine.network.set_weights(other.network.get_weights())
    for mine, other in zip(plain.terms, model.terms, strict=False):
        if mine.layer is not None:
            mine.layer.set_weights(other.layer.get_weights())
    with tf.GradientTape() as tape:
        losses = _losses(model)
        supervised = losses["supervised_loss"]
    variables = model.encoder.trainable_variables
    gradients = [g for g in tape.gradient(supervised, variables) if g is not None]
    assert gradients and all(np.isfinite(g).all() for g in gradients)
    assert any(np.abs(g).max() > 0 for g in gradients)
    expected = float(_losses(plain)["loss"]) + 3.0 * float(supervised)
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(("name", "term"), [marked(*case) for case in ONCE])
def test_keras_file_keeps_the_term_and_its_variables(name, term, tmp_path):
    model = _model(name, term)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [t.name for t in loaded.terms] == [t.name for t in model.terms]
    assert loaded.terms[-1].factor_sizes == FACTOR_SIZES and loaded.terms[-1].weight == 3.0
    expected = {key: float(value) for key, value in _losses(model).items()}
    assert {key: float(value) for key, value in _losses(loaded).items()} == expected


@pytest.mark.long
@pytest.mark.parametrize("name", ["cvae", "factor_vae", "gvae", "vae"])
def test_fit_lowers_the_supervised_loss_with_every_kind_of_batch(name, eagerly):
    model = _model(name, "xent")
    model.compile(keras.optimizers.Adam(3e-2))
    history = model.fit(_stream(model), steps_per_epoch=2, epochs=2, verbose=0, shuffle=False)
    first, last = history.history["supervised_loss"]
    assert last < first
    evaluated = model.evaluate(_stream(model), steps=1, verbose=0, return_dict=True)
    assert set(evaluated) == set(history.history)


@pytest.mark.long
@pytest.mark.parametrize("term", TERMS)
def test_variables_of_a_term_are_trained(term, eagerly):
    model = _model("vae", term)
    model.compile(keras.optimizers.Adam(1e-2))
    before = [np.array(v) for v in model.trainable_variables]
    model.fit(_stream(model), steps_per_epoch=1, verbose=0, shuffle=False)
    still = [
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if np.array_equal(v, old)
    ]
    # The last bias of MINE cancels in its estimate.
    assert [path for path in still if "last_bias" not in path] == []


def test_two_models_do_not_share_a_term_s_variables():
    term = objectives.SupervisedL2(1.0, FACTOR_SIZES)
    first, second = (
        models.BetaVAE(1.0, terms=[term], image_shape=SHAPE, **ONE_LAYER) for _ in "ab"
    )
    first.terms[-1].layer.scale.assign(5.0)
    assert float(second.terms[-1].layer.scale) == 1.0
    assert any("scale" in v.path for v in first.model_variables)


def test_mine_is_no_optimiser_that_counts_steps():
    assert _model("vae", "mine", step_counting="dlib").steps_per_update == 1
    assert _model("factor_vae", "mine", step_counting="dlib").steps_per_update == 2


def test_the_decoder_of_the_supervised_vae_teaches_its_encoder_nothing():
    model = _model("supervised_vae", "xent")
    x, step = batch(model)[0], tf.constant(0, tf.int64)
    with tf.GradientTape() as tape:
        outputs = model.outputs(x, step, labelled=_labelled())
        loss = tf.reduce_mean(model.reconstruction_loss(outputs.x, outputs.reconstruction))
    variables = model.encoder.trainable_variables
    assert tape.gradient(loss, variables) == [None] * len(variables)


@pytest.mark.parametrize(
    ("bad_batch", "message"),
    [
        (lambda: _labelled()[0], "supervised term.*Received: no labelled images"),
        (lambda: (_labelled()[0], _labelled()[1]), "supervised term.*Received: no labelled images"),
        (
            lambda: (_labelled()[0], (tf.zeros([5, 9, 8, 1]), _labelled()[1])),
            r"labelled images of shape \[batch, 8, 8, 1\].*\(5, 9, 8, 1\)",
        ),
        (
            lambda: (_labelled()[0], (_labelled()[0], tf.zeros([5, 3], tf.int64))),
            "expected labels of 2 factors.*Received: 3.*another data set",
        ),
    ],
)
def test_a_bad_labelled_batch_is_one_clear_error(bad_batch, message, eagerly):
    model = _model("vae", "xent")
    model.compile("adam")
    with pytest.raises(ValueError, match=message):
        model.fit(tf.data.Dataset.from_tensors(bad_batch()), verbose=0, shuffle=False)


@pytest.mark.parametrize("term", ["xent", "l2", "embed"])
def test_fewer_latents_than_labelled_factors_are_one_clear_error(term):
    supervised = registry.OBJECTIVES[term](1.0, [2, 3, 4])
    with pytest.raises(ValueError, match="latents as labelled factors, which are 3. Received: 2"):
        models.BetaVAE(1.0, latent_dim=2, image_shape=SHAPE, terms=[supervised], **ONE_LAYER)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: objectives.SupervisedCrossEntropy(-1.0), "weight to be 0 or more"),
        (lambda: objectives.SupervisedMINE(-1.0), "weight to be 0 or more"),
        (lambda: objectives.SupervisedL2(1.0, []), "factor_sizes: at least one"),
        (lambda: objectives.SupervisedL2(1.0, [3, 0]), "factor_sizes: at least one"),
        (lambda: objectives.SupervisedEmbedding(sigma=0), "sigma above 0"),
        (lambda: objectives.SupervisedEmbedding(sigma="learned"), "sigma above 0"),
        (
            lambda: models.VAE(terms=[objectives.SupervisedL2()]),
            "expected factor_sizes.*Received: None",
        ),
    ],
)
def test_bad_arguments_are_one_clear_error(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("scale", [1e-6, 30.0])
def test_extreme_codes_have_finite_values_and_gradients(term, scale):
    supervised = registry.OBJECTIVES[term](1.0, FACTOR_SIZES, **TERMS[term]).fitted(LATENT_DIM)
    mean = tf.constant(scale * np.random.default_rng(0).normal(size=(6, LATENT_DIM)), tf.float32)
    labels = tf.constant([[0, 0], [1, 2], [1, 1], [0, 2], [1, 0], [0, 1]], tf.int64)
    with tf.GradientTape() as tape:
        tape.watch(mean)
        codes = objectives.LabelledCodes(mean, labels)
        step = tf.constant(0, tf.int64)
        outputs = objectives.Outputs(*[None] * 6, step=step, labelled=codes)
        value, _ = supervised(outputs)
    assert np.isfinite(value) and np.isfinite(tape.gradient(value, mean)).all()
