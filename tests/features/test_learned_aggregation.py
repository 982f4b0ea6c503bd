"""Learned aggregation: the paper's shapes, numpy's result, dropout, initial weights."""

import keras
import numpy as np
import pytest

from tfdis.features import LearnedAggregation

MAPS = np.random.default_rng(0).normal(size=(5, 3, 3, 6)).astype("float32")


def _weights(layer, kind):
    return [part for part in layer.stack if isinstance(part, kind)]


def test_defaults_are_the_papers():
    layer = LearnedAggregation()
    layer.build((None, 2, 2, 512))
    shapes = [tuple(weight.shape) for weight in layer.trainable_weights]
    kernels = [shape for shape in shapes if len(shape) == 4]
    assert kernels == [(1, 1, 512, 1024), (2, 2, 1024, 2048), (1, 1, 2048, 512)]
    # Besides, a scale and a shift for each channel, and no biases.
    assert shapes[1::3] == shapes[2::3] == [(1024,), (2048,), (512,)] and len(shapes) == 9
    for norm in _weights(layer, keras.layers.BatchNormalization):
        assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)
    for dropout in _weights(layer, keras.layers.SpatialDropout2D):
        assert dropout.rate == 0.1


def test_inference_is_what_numpy_gets():
    layer = LearnedAggregation(filters=(4, 5, 3))
    layer.build(MAPS.shape)
    rng = np.random.default_rng(1)
    for weight in layer.weights:
        if len(weight.shape) == 1:
            weight.assign(rng.uniform(0.5, 1.5, size=weight.shape))
    x = MAPS.astype("float64")
    convolutions = _weights(layer, keras.layers.Conv2D)
    norms = _weights(layer, keras.layers.BatchNormalization)
    for convolution, norm in zip(convolutions, norms, strict=True):
        kernel = convolution.kernel.numpy().astype("float64")
        side = kernel.shape[0]
        size = x.shape[1] - side + 1
        x = sum(x[:, i : i + size, j : j + size] @ kernel[i, j] for i, j in np.ndindex(side, side))
        gamma, beta, mean, variance = (w.numpy().astype("float64") for w in norm.weights)
        x = np.maximum((x - mean) / np.sqrt(variance + 1e-5) * gamma + beta, 0)
    flat = x.reshape(5, 2 * 2 * 3)
    expected = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    np.testing.assert_allclose(layer(MAPS), expected, atol=1e-5)


def test_whole_channels_are_dropped_in_training_only():
    keras.utils.set_random_seed(3)
    layer = LearnedAggregation(filters=(400,), kernels=(1,), dropout_rate=0.5)
    layer.build((None, 3, 3, 200))
    dropped = layer.stack[0](np.ones((2, 3, 3, 200), "float32"), training=True).numpy()
    by_channel = dropped.reshape(2, 9, 200)
    np.testing.assert_array_equal(by_channel.min(axis=1), by_channel.max(axis=1))
    assert 0.35 < (by_channel[:, 0] == 0).mean() < 0.65
    before = [weight.numpy() for weight in layer.non_trainable_weights]
    maps = np.ones((2, 3, 3, 200), "float32")
    np.testing.assert_array_equal(layer(maps), layer(maps))
    assert np.abs(layer(maps, training=True) - layer(maps)).max() > 1e-3
    after = [weight.numpy() for weight in layer.non_trainable_weights]
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(("initializer", "bound"), [("he_uniform", 6.0), ("pytorch", 1.0)])
def test_initial_weights(initializer, bound):
    """U(-b, b) with b = sqrt(6 / fan_in) of He, sqrt(1 / fan_in) of PyTorch's default."""
    keras.utils.set_random_seed(4)
    layer = LearnedAggregation(filters=(64,), kernels=(2,), initializer=initializer)
    layer.build((None, 2, 2, 50))
    kernel, limit = layer.stack[1].kernel.numpy(), np.sqrt(bound / (4 * 50))
    assert 0.999 * limit < np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="maps of 2x2 or more.*Received: 1x1.*resize_to"):
        LearnedAggregation()(np.zeros((1, 1, 1, 8), "float32"))
    with pytest.raises(ValueError, match="he_uniform, pytorch. Received: 'he'"):
        LearnedAggregation(initializer="he")
    with pytest.raises(ValueError, match="as many filters as kernels"):
        LearnedAggregation(filters=(3, 4))
