"""A small model that keeps the contract of a VAE: encoder, decoder, image_shape, latent_dim."""

import pathlib

import keras
import numpy as np
import pytest
from keras import layers
from tensorflow.core.protobuf import saved_model_pb2

IMAGE_SHAPE = (8, 8, 1)
LATENT_DIM = 3


@keras.saving.register_keras_serializable("tests")
class SmallVAE(keras.Model):
    """One layer of every kind that published networks use."""

    def __init__(self, policy="float32", **kwargs):
        super().__init__(dtype=policy, **kwargs)
        self.policy = policy
        self.image_shape = IMAGE_SHAPE
        self.latent_dim = LATENT_DIM
        images = keras.Input(IMAGE_SHAPE)
        x = layers.Conv2D(4, 4, 2, "same", activation="relu", dtype=policy)(images)
        x = layers.Flatten(dtype=policy)(layers.BatchNormalization(dtype=policy)(x))
        heads = [layers.Dense(LATENT_DIM, dtype=policy)(x) for _ in range(2)]
        self.encoder = keras.Model(images, heads)
        z = keras.Input((LATENT_DIM,))
        x = layers.Dense(4 * 4 * 2, activation="leaky_relu", dtype=policy)(z)
        x = layers.Reshape((4, 4, 2), dtype=policy)(x)
        x = layers.Conv2DTranspose(1, 4, 2, "same", dtype=policy)(x)
        self.decoder = keras.Model(z, x)

    def call(self, images):
        return self.decoder(self.encoder(images)[0])

    def get_config(self):
        return {"policy": self.policy}


def _build_small_vae(policy="float32"):
    keras.utils.set_random_seed(1)
    model = SmallVAE(policy)
    model(np.zeros((1, *IMAGE_SHAPE), np.float32))
    # Moving statistics that are not those of a fresh layer.
    for weight in model.encoder.non_trainable_weights:
        if "moving" in weight.path:
            weight.assign(weight + 0.5)
    return model


@pytest.fixture(scope="session")
def model():
    return _build_small_vae()


@pytest.fixture(scope="session")
def images():
    return np.random.RandomState(2).random_sample((5, *IMAGE_SHAPE)).astype(np.float32)


@pytest.fixture(scope="session")
def run_dir(model, tmp_path_factory):
    """A run folder with all three exports and the results of training."""
    from tfdis.export import export_model, write_results

    run_dir = str(tmp_path_factory.mktemp("run"))
    export_model(model, run_dir)
    write_results(f"{run_dir}/results", "train", {"loss": 1.0}, "dataset.name = 'dummy_data'\n")
    return run_dir


@pytest.fixture(scope="session")
def build_small_vae():
    return _build_small_vae


@pytest.fixture(scope="session")
def read_meta_graph():
    """Reads the one MetaGraph of a frozen module."""

    def read(path):
        data = (pathlib.Path(path) / "saved_model.pb").read_bytes()
        (meta_graph,) = saved_model_pb2.SavedModel.FromString(data).meta_graphs
        return meta_graph

    return read


@pytest.fixture(scope="session")
def unknown_to_tensorflow_1_14():
    """Lists (op, attribute) of a graph that TensorFlow 1.14.0's own registry does not have."""
    table = pathlib.Path(__file__).with_name("tensorflow_1_14_ops.txt").read_text()
    known = {line.split()[0]: set(line.split()[1:]) for line in table.splitlines()}

    def unknown(graph_def):
        return [
            (node.op, key)
            for node in graph_def.node
            for key in ["", *node.attr]
            if node.op not in known or key not in known[node.op] | {""}
        ]

    return unknown
