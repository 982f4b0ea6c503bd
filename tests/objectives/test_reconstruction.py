"""Reconstruction losses against numpy in float64."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from tfdis import objectives

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(3, 4, 4, 2)) * 3
IMAGES = RNG.uniform(size=LOGITS.shape)


def _cross_entropy(x, p):
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def _pixels(activation):
    if activation == "logits":
        return special.expit(LOGITS)
    return np.clip(np.tanh(LOGITS) / 2 + 0.5, 1e-6, 1 - 1e-6)


@pytest.mark.parametrize("activation", ["logits", "tanh"])
def test_bernoulli_sums_the_cross_entropy_over_pixels(activation):
    expected = _cross_entropy(IMAGES, _pixels(activation)).sum((1, 2, 3))
    actual = objectives.BernoulliLoss(activation)(IMAGES, LOGITS)
    np.testing.assert_allclose(actual, expected, rtol=1e-9)


def test_bernoulli_without_the_images_entropy_is_zero_at_the_image():
    loss = objectives.BernoulliLoss(subtract_true_image_entropy=True)
    np.testing.assert_allclose(loss(IMAGES, special.logit(IMAGES)), 0.0, atol=1e-9)
    assert (loss(IMAGES, LOGITS).numpy() > 0).all()


@pytest.mark.parametrize("activation", ["logits", "tanh"])
def test_l2_sums_squares_after_the_activation(activation):
    expected = ((IMAGES - _pixels(activation)) ** 2).sum((1, 2, 3))
    actual = objectives.L2Loss(activation)(IMAGES, LOGITS)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


@pytest.mark.parametrize("activation", ["logits", "tanh"])
@pytest.mark.parametrize("loss", [objectives.BernoulliLoss, objectives.L2Loss])
def test_huge_logits_stay_finite(loss, activation):
    x = tf.constant([0.0, 1.0], shape=[1, 2, 1, 1])
    logits = tf.constant([80.0, -80.0], shape=[1, 2, 1, 1])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(activation)(x, logits)
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(value, logits)).all()


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="Received: 'relu'"):
        objectives.BernoulliLoss("relu")
