"""Preprocessing against numpy and against Keras's own functions."""

import keras
import numpy as np
import pytest

from tfdis.features import Preprocessing
from tfdis.features.applications import PREPROCESSING

IMAGES = np.random.default_rng(0).uniform(size=(2, 6, 5, 3)).astype("float32")


def _expected(mode, x):
    if mode == "caffe":
        return np.stack(
            [255 * x[..., 2] - 103.939, 255 * x[..., 1] - 116.779, 255 * x[..., 0] - 123.68], -1
        )
    if mode == "torch":
        return (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return 255 * x if mode == "pixels" else 2 * x - 1


def _resize(images, height, width):
    """Bilinear interpolation at half-pixel centres, clamped at the border, one pixel after another."""
    out = np.zeros((len(images), height, width, images.shape[-1]))
    for row in range(height):
        for column in range(width):
            y = (row + 0.5) * images.shape[1] / height - 0.5
            x = (column + 0.5) * images.shape[2] / width - 0.5
            total = 0.0
            for i in (int(np.floor(y)), int(np.floor(y)) + 1):
                for j in (int(np.floor(x)), int(np.floor(x)) + 1):
                    weight = (1 - abs(y - i)) * (1 - abs(x - j))
                    pixel = images[
                        :, np.clip(i, 0, images.shape[1] - 1), np.clip(j, 0, images.shape[2] - 1)
                    ]
                    total = total + weight * pixel.astype("float64")
            out[:, row, column] = total
    return out


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch", "pixels"])
def test_modes(mode):
    np.testing.assert_allclose(Preprocessing(mode)(IMAGES), _expected(mode, IMAGES), atol=2e-5)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("VGG19", "vgg19"),
        ("ResNet50", "resnet"),
        ("ResNet50V2", "resnet_v2"),
        ("DenseNet121", "densenet"),
        ("MobileNet", "mobilenet"),
        ("MobileNetV3Small", "mobilenet_v3"),
        ("EfficientNetB0", "efficientnet"),
        ("ConvNeXtTiny", "convnext"),
        ("NASNetMobile", "nasnet"),
        ("Xception", "xception"),
        ("InceptionResNetV2", "inception_resnet_v2"),
    ],
)
def test_it_is_what_keras_does_to_pixels(name, module):
    expected = getattr(keras.applications, module).preprocess_input(255 * IMAGES)
    np.testing.assert_allclose(Preprocessing(PREPROCESSING[name])(IMAGES), expected, atol=3e-5)


def test_every_network_of_keras_has_its_mode():
    networks = {name for name in dir(keras.applications) if name[0].isupper()}
    assert set(PREPROCESSING) == networks


@pytest.mark.parametrize("size", [(12, 12), (7, 3), 9])
def test_resizing(size):
    height, width = (size, size) if isinstance(size, int) else size
    actual = Preprocessing("tf", resize_to=size)(IMAGES)
    np.testing.assert_allclose(actual, 2 * _resize(IMAGES, height, width) - 1, atol=1e-5)


def test_grey_images_are_repeated_only_on_request():
    grey = IMAGES[..., :1]
    repeated = Preprocessing("torch", grey_to_rgb=True)(grey)
    np.testing.assert_allclose(repeated, _expected("torch", np.repeat(grey, 3, axis=-1)), atol=1e-5)
    with pytest.raises(ValueError, match="grey_to_rgb"):
        Preprocessing("torch")(grey)


def test_what_it_refuses():
    with pytest.raises(ValueError, match="caffe, tf, torch, pixels. Received: 'rgb'"):
        Preprocessing("rgb")
    with pytest.raises(ValueError, match="3 channels .or 1.. Received: 4"):
        Preprocessing("tf")(np.zeros((1, 2, 2, 4), "float32"))
    for size in (0, (3,), (2.5, 2), True):
        with pytest.raises(ValueError, match="resize_to"):
            Preprocessing("tf", resize_to=size)


def test_it_computes_in_float32_under_mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        layer = Preprocessing("caffe", (4, 4), True)
    finally:
        keras.config.set_dtype_policy(before)
    assert layer(IMAGES).dtype == "float32"
    again = Preprocessing.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.resize_to == (4, 4)
