"""The feature extractor: shapes, saving, fitting, what it refuses."""

import gin
import keras
import numpy as np
import pytest

from tfdis import features

IMAGES = np.random.default_rng(0).uniform(size=(6, 8, 8, 3)).astype("float32")


def _backbone(trainable=False):
    keras.utils.set_random_seed(0)
    backbone = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
        ]
    )
    backbone.trainable = trainable
    return backbone


def test_it_pools_the_maps_of_the_backbone():
    backbone = _backbone()
    extractor = features.FeatureExtractor((8, 8, 3), backbone, features.GlobalMax())
    assert extractor.output_dim == 8 and extractor.maps_shape == (6, 6, 8)
    actual = extractor(IMAGES)
    assert actual.dtype == "float32"
    np.testing.assert_array_equal(actual, backbone(IMAGES).numpy().max(axis=(1, 2)))
    np.testing.assert_allclose(extractor.predict(IMAGES, verbose=0), actual, atol=1e-6)
    # Frozen: neither dropout nor the statistics of the batch.
    np.testing.assert_array_equal(extractor(IMAGES, training=True), actual)


def test_a_trained_backbone_is_in_training_mode_only_in_training():
    extractor = features.FeatureExtractor((8, 8, 3), _backbone(True), features.GlobalMax())
    np.testing.assert_array_equal(extractor(IMAGES), extractor(IMAGES))
    assert np.abs(extractor(IMAGES, training=True) - extractor(IMAGES)).max() > 0.1


@pytest.mark.parametrize(("trainable", "scale"), [(False, None), (True, 0.5)])
def test_saving(tmp_path, trainable, scale):
    encoding = scale and features.PositionalEncoding(scale)
    pooling = features.LearnedAggregation((4,), (2,))
    extractor = features.FeatureExtractor((8, 8, 3), _backbone(trainable), pooling, encoding)
    extractor.save(tmp_path / "extractor.keras")
    again = keras.saving.load_model(tmp_path / "extractor.keras")
    np.testing.assert_array_equal(again(IMAGES), extractor(IMAGES))
    assert again.backbone.trainable is trainable
    assert len(again.trainable_variables) == len(extractor.trainable_variables)
    assert again.output_dim == extractor.output_dim and again.image_shape == (8, 8, 3)


@pytest.mark.long
def test_saving_with_a_real_backbone(tmp_path):
    backbone = features.vgg19_bn((16, 16, 1), None, "block2_relu1", False, 32, True)
    extractor = features.FeatureExtractor((16, 16, 1), backbone, features.RMAC())
    extractor.save(tmp_path / "extractor.keras")
    again = keras.saving.load_model(tmp_path / "extractor.keras")
    images = IMAGES.repeat(2, 1).repeat(2, 2)[..., :1]
    np.testing.assert_array_equal(again(images), extractor(images))
    assert again.trainable_variables == [] and again.output_dim == 128


def test_fitting_on_images():
    pooling = features.PCARMAC(num_components=3)
    encoding = features.PositionalEncoding()
    extractor = features.FeatureExtractor((8, 8, 3), _backbone(), pooling, encoding)
    assert not pooling.is_fitted and extractor.output_dim == 3
    with pytest.raises(ValueError, match="before fit"):
        extractor(IMAGES)
    extractor.fit_pooling(IMAGES, batch_size=4)
    assert pooling.is_fitted
    reference = features.PCARMAC(num_components=3)
    maps = encoding(extractor.backbone(IMAGES)).numpy()
    reference.fit(maps)
    np.testing.assert_allclose(extractor(IMAGES), reference(maps), atol=1e-4)


@pytest.mark.long
def test_gin_builds_it():
    gin.parse_config("""
        feature_extractor.backbone_fn = @vgg19_bn
        vgg19_bn.weights = None
        vgg19_bn.layer = 'block2_pool'
        feature_extractor.pooling_fn = @rmac
        rmac.kernels = [2, 4]
        rmac.strides = [1, 2]
        feature_extractor.positional_encoding_fn = @positional_encoding
        positional_encoding.scale = 2.0
    """)
    extractor = features.build_feature_extractor((32, 32, 3))
    assert extractor.maps_shape == (8, 8, 128) and extractor.output_dim == 128
    assert extractor.pooling.kernels == (2, 4)
    assert extractor.positional_encoding.scale == 2.0
    extractor.fit_pooling(IMAGES)  # Nothing to fit.


def test_what_it_refuses():
    extractor = features.FeatureExtractor((8, 8, 3), _backbone(), features.GlobalMax())
    for shape in [(2, 9, 8, 3), (2, 8, 8, 1), (8, 8, 3)]:
        with pytest.raises(ValueError, match=r"shape \(None, 8, 8, 3\). Received: \(\d"):
            extractor(np.zeros(shape, "float32"))
    with pytest.raises(ValueError, match=r"shape \(9, 9, 3\). Received.*built for \(8, 8, 3\)"):
        features.FeatureExtractor((9, 9, 3), _backbone(), features.GlobalMax())
    with pytest.raises(ValueError, match=r"\[batch, features\]. Received.*\(None, 3, 3, 8\)"):
        features.FeatureExtractor((8, 8, 3), _backbone(), keras.layers.MaxPooling2D())
