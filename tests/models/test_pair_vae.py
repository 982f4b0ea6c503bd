"""Models that learn from pairs: which latents are shared, and what is averaged."""

import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import ONE_LAYER

from tfdis import models, ops

SHAPE = (16, 16, 1)
NAMES = ["ada_gvae", "ada_mlvae", "gvae", "mlvae"]


def _model(name, **kwargs):
    return models.MODELS[name](image_shape=SHAPE, latent_dim=4, **ONE_LAYER, **kwargs)


def _pairs(num=5):
    return tf.random.stateless_uniform([num, 2, *SHAPE], [0, 1])


DIFFERING = tf.constant([[True, False], [False, True], [True, True], [False, False], [True, False]])


def _outputs(model, pairs=None):
    labels = [DIFFERING] if model.batch_kind == "labelled_pairs" else []
    return model.outputs(_pairs() if pairs is None else pairs, tf.constant(0, tf.int64), *labels)


def _encoded(model):
    """Mean and log variance [5, 2, 4] of every image on its own."""
    flat = model.encoder(tf.reshape(_pairs(), [-1, *SHAPE]))
    return [tf.reshape(value, [5, 2, 4]).numpy().astype("float64") for value in flat]


def _mask(name, model, mean, log_var):
    if name in ("gvae", "mlvae"):
        return np.concatenate([~DIFFERING.numpy(), np.ones((5, 2), bool)], axis=1)
    v = np.exp(log_var)

    def kl(p, q):
        ratio = v[:, p] / v[:, q]
        return 0.5 * (ratio + (mean[:, p] - mean[:, q]) ** 2 / v[:, q] - 1 - np.log(ratio))

    delta = 0.5 * (kl(0, 1) + kl(1, 0)) if model.symmetric else kl(0, 1)
    return delta < 0.5 * (delta.min(1, keepdims=True) + delta.max(1, keepdims=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("symmetric", [False, True])
def test_shared_latents_are_averaged_and_the_others_are_left(name, symmetric):
    model = _model(name, **({"symmetric": symmetric} if name.startswith("ada") else {}))
    mean, log_var = _encoded(model)
    shared = _mask(name, model, mean, log_var)
    assert 0 < shared.sum() < shared.size
    v1, v2 = np.exp(log_var[:, 0]), np.exp(log_var[:, 1])
    if name.endswith("gvae"):
        average, variance = mean.mean(1), (v1 + v2) / 2
    else:
        variance = 2 * v1 * v2 / (v1 + v2)
        average = (mean[:, 0] / v1 + mean[:, 1] / v2) * variance / 2
    outputs = _outputs(model)
    for image in (0, 1):
        expected = np.where(shared, average, mean[:, image])
        np.testing.assert_allclose(outputs.mean[image::2], expected, rtol=1e-4, atol=1e-6)
        expected = np.where(shared, np.log(variance), log_var[:, image])
        np.testing.assert_allclose(outputs.log_var[image::2], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_the_average_over_the_pair(name):
    model = _model(name, beta=3.0)
    outputs = _outputs(model)
    losses = model.losses_of(outputs)
    np.testing.assert_array_equal(outputs.x, tf.reshape(_pairs(), [-1, *SHAPE]))
    kl = ops.gaussian_kl(outputs.mean, outputs.log_var).numpy().sum(1)
    per_image = model.reconstruction_loss(outputs.x, outputs.reconstruction).numpy()
    averages = [(v[0::2] + v[1::2]).mean() / 2 for v in (per_image, kl)]
    expected = averages[0] + 3 * averages[1]
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-5)


def test_identical_images_share_nothing_that_changes_them():
    model = _model("ada_gvae")
    pairs = tf.repeat(_pairs()[:, :1], 2, axis=1)
    mean, _ = model.encoder(pairs[:, 0])
    np.testing.assert_allclose(_outputs(model, pairs).mean[0::2], mean, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name in ("ada_gvae", "gvae"), name) for name in NAMES])
def test_batches_that_are_no_pairs_are_refused(name, eagerly):
    model = _model(name)
    model.compile("adam")
    for shape in [(8, *SHAPE), (7, *SHAPE), (4, 3, *SHAPE)]:
        with pytest.raises(ValueError, match="learns from pairs"):
            model.fit(tf.zeros(shape), batch_size=8, verbose=0)


def test_group_models_need_to_know_what_differs():
    model = _model("gvae")
    with pytest.raises(ValueError, match="no labels"):
        model.outputs(_pairs(), tf.constant(0, tf.int64))
    with pytest.raises(ValueError, match="at most 4 factors.*6 factors"):
        model.outputs(_pairs(), tf.constant(0, tf.int64), tf.zeros([5, 6], tf.bool))
