"""Feature extractors as frozen modules: the same features, and no op that TensorFlow 1.14 lacks."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case

from tfdis import features
from tfdis.export.frozen import Signature, export_frozen


def _extractor(name):
    keras.utils.set_random_seed(0)
    options = {"weights": None, "resize_to": 40, "grey_to_rgb": True}
    if name == "mobilenet":
        backbone = features.mobilenet((32, 32, 1), options={"alpha": 0.25}, **options)
        pooling = features.RMAC(kernels=[1], strides=[1])
    elif name == "vgg19_bn":
        backbone = features.vgg19_bn((32, 32, 1), layer="block3_pool", **options)
        pooling = features.RMAC()
    elif name == "aggregation":
        backbone = features.vgg19((32, 32, 1), layer="block1_pool", **options)
        pooling = features.LearnedAggregation((4, 5, 3))
    else:
        backbone = features.vgg19((32, 32, 1), layer="block1_pool", **options)
        pooling = features.PCARMAC(3)
        pooling.fit(np.random.RandomState(0).uniform(size=(9, 20, 20, 64)).astype("float32"))
    return features.FeatureExtractor((32, 32, 1), backbone, pooling)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [case(name != "vgg19_bn", name) for name in ("mobilenet", "vgg19_bn", "aggregation", "pca")],
)
def test_frozen_extractor(name, tmp_path, read_meta_graph, unknown_to_tensorflow_1_14):
    extractor = _extractor(name)
    spec = tf.TensorSpec([None, 32, 32, 1], tf.float32)
    signature = Signature(lambda images: {"default": extractor(images)}, {"images": spec})
    export_frozen({"representation": signature}, str(tmp_path / "m"))
    graph = read_meta_graph(tmp_path / "m").graph_def
    assert unknown_to_tensorflow_1_14(graph) == []
    assert "ResizeBilinear" in {node.op for node in graph.node}
    images = np.random.RandomState(1).uniform(size=(3, 32, 32, 1)).astype("float32")
    module = tf.saved_model.load(str(tmp_path / "m"))
    actual = module.signatures["representation"](images=tf.constant(images))["default"]
    np.testing.assert_allclose(actual, extractor(images), atol=1e-5)
