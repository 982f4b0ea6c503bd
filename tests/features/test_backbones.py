"""Laws of all backbones, and what each promises: preprocessing inside, named layers, frozen parts."""

import gin
import keras
import numpy as np
import pytest
from one_of_each_kind import case

from tfdis import features
from tfdis.features import applications

SHAPE = (32, 32, 3)
IMAGES = np.random.default_rng(0).uniform(size=(2, *SHAPE)).astype("float32")
# One real build of each kind of network is enough: they take seconds.
BUILT = {
    "mobilenet": ({"options": {"alpha": 0.25}}, (1, 1, 256), "mobilenet_0.25_32"),
    "vgg19": ({"layer": "block2_pool"}, (8, 8, 128), "vgg19"),
    "vgg19_bn": ({}, (1, 1, 512), "vgg19_bn_layers"),
}


@pytest.fixture(scope="module")
def backbones():
    """Each built once, frozen, with random weights."""
    keras.utils.set_random_seed(0)
    return {
        name: features.BACKBONES[name](SHAPE, weights=None, **options)
        for name, (options, _, _) in BUILT.items()
    }


@pytest.fixture
def no_build(monkeypatch):
    """Records what would be built from keras.applications, and builds a small stand-in."""
    built = []

    def build(name, input_shape, weights, options):
        built.append((name, input_shape, weights, options))
        return keras.Sequential([keras.Input(input_shape), keras.layers.Conv2D(4, 3, name="conv")])

    monkeypatch.setattr("tfdis.features.backbones.build_application", build)
    return built


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(BUILT))
def test_maps_and_preprocessing(backbones, name, eagerly):
    backbone, (_, maps_shape, network_name) = backbones[name], BUILT[name]
    assert backbone.output_shape == (None, *maps_shape)
    assert backbone.input_shape == (None, *SHAPE)
    maps = backbone.predict_on_batch(IMAGES)
    assert maps.dtype == np.float32 and np.isfinite(maps).all() and maps.std() > 0
    network = backbone.get_layer(network_name)
    if name == "vgg19_bn":
        inputs = (IMAGES - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    else:
        inputs = getattr(keras.applications, name).preprocess_input(255 * IMAGES)
    expected = network.predict_on_batch(inputs.astype("float32"))
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name != "vgg19", name) for name in sorted(BUILT)])
def test_a_frozen_backbone_does_not_move(backbones, name, eagerly):
    backbone = backbones[name]
    before = backbone.get_weights()
    extractor = features.FeatureExtractor(SHAPE, backbone, features.LearnedAggregation((3,), (1,)))
    assert len(extractor.trainable_variables) == 3
    head = keras.Sequential([extractor, keras.layers.Dense(2)])
    head.compile(keras.optimizers.SGD(0.1), "mse")
    kernel = extractor.trainable_variables[0].numpy()
    head.fit(IMAGES, np.ones((2, 2), "float32"), verbose=0)
    assert not np.array_equal(extractor.trainable_variables[0], kernel)
    for weight, old in zip(backbone.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.long
def test_a_trained_backbone_moves(eagerly):
    keras.utils.set_random_seed(0)
    backbone = features.mobilenet(
        SHAPE, weights=None, trainable=True, options={"alpha": 0.25}, layer="conv_pw_2_relu"
    )
    extractor = features.FeatureExtractor(SHAPE, backbone, features.GlobalAverage())
    before = {v.path: v.numpy() for v in backbone.variables}
    head = keras.Sequential([extractor, keras.layers.Dense(2)])
    head.compile(keras.optimizers.SGD(0.1), "mse")
    head.fit(IMAGES, np.ones((2, 2), "float32"), verbose=0)
    still = {v.path for v in backbone.variables if np.array_equal(v.numpy(), before[v.path])}
    assert still == set()


@pytest.mark.parametrize(
    ("gin_name", "name"),
    [
        ("densenet121", "DenseNet121"),
        ("mobilenet", "MobileNet"),
        ("resnet50", "ResNet50"),
        ("vgg16", "VGG16"),
        ("vgg19", "VGG19"),
    ],
)
def test_names_and_defaults(no_build, gin_name, name):
    features.BACKBONES[gin_name]((64, 64, 3))
    assert no_build == [(name, (64, 64, 3), "imagenet", {})]


def test_every_backbone_is_tested():
    assert set(features.BACKBONES) == {
        *("densenet121", "keras_application", "mobilenet", "resnet50", "vgg16", "vgg19", "vgg19_bn")
    }


def test_gin_sizes_and_options(no_build):
    gin.parse_config("""
        feature_extractor.backbone_fn = @keras_application
        feature_extractor.pooling_fn = @global_max
        keras_application.name = 'EfficientNetB0'
        keras_application.weights = None
        keras_application.resize_to = 40
        keras_application.grey_to_rgb = True
        keras_application.trainable = True
        keras_application.options = {'drop_connect_rate': 0.0}
    """)
    extractor = features.build_feature_extractor((16, 20, 1))
    expected = ("EfficientNetB0", (40, 40, 3), None, {"drop_connect_rate": 0.0})
    assert no_build == [expected]
    assert extractor.image_shape == (16, 20, 1) and extractor.output_dim == 4
    assert extractor.backbone.trainable
    # Preprocessing is inside the network of that name: it gets 0..255.
    assert extractor.backbone.get_layer("preprocessing").mode == "pixels"


@pytest.mark.long
def test_any_network_of_keras_by_name():
    backbone = features.keras_application(
        SHAPE, "MobileNetV2", None, "block_1_expand_relu", options={"alpha": 0.35}
    )
    assert backbone.name == "mobilenetv2" and backbone.output_shape[1:3] == (16, 16)
    assert backbone.get_layer("preprocessing").mode == "tf"


@pytest.mark.long
def test_what_it_refuses():
    with pytest.raises(ValueError, match="one of ConvNeXtBase.*Xception. Received: 'VGG11'"):
        features.keras_application(SHAPE, "VGG11")
    with pytest.raises(ValueError, match="32x32.*resize_to"):
        features.vgg19((16, 16, 3), weights=None)
    with pytest.raises(ValueError, match="grey_to_rgb"):
        features.vgg19((32, 32, 1), weights=None)
    with pytest.raises(ValueError, match=r"options that MobileNet takes.*\{'beta': 1\}"):
        features.mobilenet(SHAPE, weights=None, options={"beta": 1})
    with pytest.raises(ValueError, match="32x32 or more for vgg19_bn"):
        features.vgg19_bn((16, 32, 3), weights=None)
    with pytest.raises(ValueError, match="vgg19_bn_layers: preprocessed, block1_conv1, .*'conv9'"):
        features.vgg19_bn(SHAPE, weights=None, layer="conv9")
    with pytest.raises(OSError, match="bin/convert_weights"):
        features.vgg19_bn(SHAPE)


def test_no_network_says_how_to_give_a_file(monkeypatch):
    def no_network(**_):
        raise Exception("URL fetch failure on https://example.org/vgg19.h5")  # As Keras does.

    monkeypatch.setattr(applications, "application", lambda name: no_network)
    with pytest.raises(OSError, match="VGG19.*URL fetch failure.*local file.*vgg19_weights"):
        features.vgg19(SHAPE)
