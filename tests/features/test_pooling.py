"""Laws that every pooling layer obeys, and the simple ones against numpy."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import features
from tfdis.features.positional_encoding import positional_encoding

MAPS = np.maximum(np.random.default_rng(0).normal(size=(12, 5, 5, 8)), 0).astype("float32")
OPTIONS = {
    "global_average": {},
    "global_max": {},
    "learned_aggregation": {"filters": (6, 7, 4), "kernels": (1, 2, 1)},
    "pca_rmac": {"num_components": 3},
    "rmac": {"kernels": (1, 2), "strides": (1, 2), "whole_map": False},
}


def test_every_pooling_is_tested():
    assert sorted(OPTIONS) == sorted(features.POOLINGS)


def _layer(name):
    layer = features.POOLINGS[name](**OPTIONS[name])
    if hasattr(layer, "fit"):
        layer.fit(MAPS)
    return layer


@pytest.mark.parametrize("name", sorted(OPTIONS))
class TestPooling:
    def test_it_gives_features_that_do_not_depend_on_the_batch(self, name):
        layer = _layer(name)
        whole = layer(MAPS).numpy()
        assert whole.ndim == 2 and np.isfinite(whole).all()
        assert layer(keras.Input((5, 5, 8))).shape == (None, whole.shape[1])
        np.testing.assert_allclose(layer(MAPS[3:5]), whole[3:5], atol=1e-6)
        compiled = tf.function(layer, input_signature=[tf.TensorSpec([None, 5, 5, 8])])
        np.testing.assert_allclose(compiled(MAPS), whole, atol=1e-6)

    def test_it_survives_saving(self, name, tmp_path):
        layer = _layer(name)
        model = keras.Sequential([keras.Input((5, 5, 8)), layer])
        model.save(tmp_path / "model.keras")
        again = keras.saving.load_model(tmp_path / "model.keras").layers[0]
        assert again.get_config() == layer.get_config()
        np.testing.assert_array_equal(again(MAPS), layer(MAPS))

    def test_gradients_are_finite_also_for_blank_maps(self, name):
        layer = _layer(name)
        maps = tf.constant(np.concatenate([MAPS[:1], np.zeros_like(MAPS[:1])]))
        with tf.GradientTape() as tape:
            tape.watch(maps)
            value = tf.reduce_sum(layer(maps, training=True) ** 3)
        gradients = tape.gradient(value, [maps, *layer.trainable_variables])
        assert all(np.isfinite(gradient).all() for gradient in gradients)

    def test_gin_builds_it(self, name):
        bindings = [f"{name}.{key} = {value!r}" for key, value in OPTIONS[name].items()]
        gin.parse_config(bindings)
        gin.parse_config(f"feature_extractor.pooling_fn = @{name}")
        gin.parse_config("feature_extractor.backbone_fn = @vgg16")
        built = gin.query_parameter("feature_extractor.pooling_fn").scoped_configurable_fn()
        assert type(built) is features.POOLINGS[name]
        for key, value in OPTIONS[name].items():
            assert getattr(built, key) == value


def test_global_average_and_maximum():
    flat = MAPS.reshape(12, 25, 8).astype("float64")
    np.testing.assert_allclose(features.GlobalAverage()(MAPS), flat.mean(axis=1), atol=1e-6)
    np.testing.assert_array_equal(features.GlobalMax()(MAPS), MAPS.reshape(12, 25, 8).max(axis=1))


def test_positional_encoding():
    expected = np.zeros((3, 4, 8))
    for row, column, i in np.ndindex(3, 4, 2):
        frequency = 10000 ** -(2 * i / 4)
        expected[row, column, 2 * i] = np.sin(row * frequency)
        expected[row, column, 2 * i + 1] = np.cos(row * frequency)
        expected[row, column, 4 + 2 * i] = np.sin(column * frequency)
        expected[row, column, 5 + 2 * i] = np.cos(column * frequency)
    np.testing.assert_allclose(positional_encoding(3, 4, 8), expected, atol=1e-12)
    maps = MAPS[:2, :3, :4]
    layer = features.PositionalEncoding(scale=0.5)
    np.testing.assert_allclose(layer(maps), maps + 0.5 * expected, atol=1e-6)
    # With it, a pattern that moves changes the maximum; without it, not.
    left, right = np.zeros((2, 1, 3, 3, 8), "float32")
    left[0, 1, 0], right[0, 1, 2] = 1, 1
    maximum = features.GlobalMax()
    np.testing.assert_array_equal(maximum(left), maximum(right))
    assert np.abs(maximum(layer(left)) - maximum(layer(right))).max() > 0.1
    with pytest.raises(ValueError, match="4 divides. Received: 6"):
        positional_encoding(3, 3, 6)
