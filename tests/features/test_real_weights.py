"""Published weights, for whoever has them: TFDIS_WEIGHTS=/path/to/folder."""

import os
from pathlib import Path

import keras
import numpy as np
import pytest

from tfdis import features

FOLDER = Path(os.environ.get("TFDIS_WEIGHTS", ""))
pytestmark = pytest.mark.skipif(
    "TFDIS_WEIGHTS" not in os.environ, reason="TFDIS_WEIGHTS names no folder of weights"
)
IMAGES = np.random.default_rng(0).uniform(size=(2, 64, 64, 3)).astype("float32")


def _file(name):
    if not (FOLDER / name).exists():
        pytest.skip(f"{name} is not in $TFDIS_WEIGHTS")
    return str(FOLDER / name)


def test_mobilenet_is_that_of_keras():
    path = _file("mobilenet_2_5_224_tf_no_top.h5")
    backbone = features.mobilenet((64, 64, 3), path, options={"alpha": 0.25})
    reference = keras.applications.MobileNet(
        alpha=0.25, include_top=False, weights=path, input_shape=(64, 64, 3)
    )
    expected = reference.predict_on_batch(
        keras.applications.mobilenet.preprocess_input(255 * IMAGES)
    )
    np.testing.assert_allclose(backbone.predict_on_batch(IMAGES), expected, atol=2e-3)


def test_vgg16_from_arrays():
    path = _file("vgg16_imagenet_conv.npz")
    backbone = features.vgg16((64, 64, 3), path)
    network = backbone.get_layer("vgg16")
    with np.load(path) as arrays:
        for layer in network.layers:
            for weight in layer.weights:
                np.testing.assert_array_equal(weight, arrays[f"{layer.name}/{weight.name}"])
    with pytest.raises(ValueError, match="'block3_conv4'"):
        features.vgg19((64, 64, 3), path)


def test_vgg19_bn_as_published(tmp_path):
    from tfdis.features.convert_vgg import convert_vgg19_bn
    from tfdis.features.pytorch_files import check_published_hash, read_state_dict

    path = _file("vgg19_bn-c79401a0.pth")
    check_published_hash(path)
    np.savez(tmp_path / "w.npz", **convert_vgg19_bn(read_state_dict(path)))
    maps = features.vgg19_bn((64, 64, 3), str(tmp_path / "w.npz")).predict_on_batch(IMAGES)
    assert np.isfinite(maps).all() and maps.max() > 0
