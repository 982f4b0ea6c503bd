"""Weights from every kind of file, and what is said of another network's."""

import h5py
import keras
import numpy as np
import pytest
from keras import layers
from one_of_each_kind import case

from tfdis import features
from tfdis.features.weights import load_weights


def _network(filters=(4, 6), seed=0):
    keras.utils.set_random_seed(seed)
    x = images = keras.Input((8, 8, 3))
    for index, number in enumerate(filters, start=1):
        x = layers.Conv2D(number, 3, name=f"conv{index}", bias_initializer="uniform")(x)
        x = layers.BatchNormalization(name=f"bn{index}", gamma_initializer="uniform")(x)
    return keras.Model(images, x, name="small")


def _save_npz(network, path, **more):
    arrays = {
        f"{layer.name}/{weight.name}": weight.numpy()
        for layer in network.layers
        for weight in layer.weights
    }
    np.savez(path, **arrays, **more)


def _save_legacy(network, path, head=False):
    """The format of keras.applications' files, with names of weights as the oldest of them have."""
    with h5py.File(path, "w") as file:
        parts = [(layer.name, layer.get_weights()) for layer in network.layers]
        if head:
            parts += [("flatten", []), ("fc1", [np.zeros((5, 4))]), ("predictions", [np.zeros(9)])]
        file.attrs["layer_names"] = [name.encode() for name, _ in parts]
        for name, arrays in parts:
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W_{i}:0".encode() for i in range(len(arrays))]
            for index, array in enumerate(arrays):
                group[f"{name}_W_{index}:0"] = array


def _save_whole(network, path):
    images = keras.Input((8, 8, 3), name="images")
    backbone = keras.Model(images, network(features.Preprocessing("tf")(images)))
    extractor = features.FeatureExtractor(
        (8, 8, 3), backbone, features.LearnedAggregation((2,), (1,))
    )
    extractor.save(path)


SAVE = {
    "w.npz": _save_npz,
    "with_head.npz": lambda n, p: _save_npz(n, p, **{"fc1/kernel": np.zeros(3)}),
    "w.h5": _save_legacy,
    "with_head.h5": lambda n, p: _save_legacy(n, p, head=True),
    "w.weights.h5": lambda n, p: n.save_weights(p),
    "w.keras": lambda n, p: n.save(p),
    "extractor.keras": _save_whole,
}


@pytest.mark.parametrize("name", SAVE)
def test_every_kind_of_file(tmp_path, name):
    saved, network = _network(seed=1), _network(seed=2)
    SAVE[name](saved, str(tmp_path / name))
    load_weights(network, tmp_path / name)
    for weight, expected in zip(network.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


# Filters of networks that are not the file's.
OTHERS = {"wider": (4, 5), "shorter": (4,), "longer": (4, 6, 6)}
# Every file with one other network, one of each format with all.
FORMATS = ("w.npz", "w.h5", "w.keras")
CASES = [
    case(other == "wider" or name in FORMATS, other, name) for other in OTHERS for name in SAVE
]


@pytest.mark.long
@pytest.mark.parametrize(("other", "name"), CASES)
def test_another_networks_weights_change_nothing(tmp_path, other, name):
    """The file is of (4, 6) filters in two layers."""
    SAVE[name](_network(seed=1), str(tmp_path / name))
    filters = OTHERS[other]
    network = _network(filters, seed=2)
    before = network.get_weights()
    with pytest.raises(ValueError, match="Expected weights of small") as error:
        load_weights(network, tmp_path / name)
    assert name in str(error.value)
    assert len(str(error.value)) < 500
    if filters != (4,):
        assert ("conv2" if filters == (4, 5) else "conv3") in str(error.value)
    for weight, old in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.parametrize("name", ["w.npz", "w.h5"])
def test_a_damaged_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"no weights")
    with pytest.raises(ValueError, match=f"{name}"):
        load_weights(_network(), tmp_path / name)


def test_a_pickled_npz_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "w.npz", **{"conv1/kernel": np.array([{"a": 1}], dtype=object)})
    with pytest.raises(ValueError, match="npz file of arrays"):
        load_weights(_network(), tmp_path / "w.npz")


def test_paths_that_are_no_weights(tmp_path):
    with pytest.raises(FileNotFoundError, match="'imagenet', None or the path of a file.*nope.npz"):
        load_weights(_network(), tmp_path / "nope.npz")
    (tmp_path / "w.pth").write_bytes(b"")
    with pytest.raises(ValueError, match=r"\.npz, \.h5, \.weights\.h5 or \.keras"):
        load_weights(_network(), tmp_path / "w.pth")
