"""Weights of a network from a local file, checked layer by layer."""

import os
import re
import warnings
from collections.abc import Mapping, Sequence

import h5py
import keras
import numpy as np

# Layers of classifiers on top of a convolutional base; a file may hold them, but nobody needs them.
CLASSIFIER_LAYERS = ("fc1", "fc2", "predictions", "conv_preds", "classifier")
_ENDINGS = ".npz, .h5, .weights.h5 or .keras"


def load_weights(network: keras.Model, path: str | os.PathLike) -> None:
    """Loads weights into a network, or raises without having changed it.

    The ending of the file tells its kind: `.npz` with arrays named
    `<layer>/<kernel, bias, gamma, ...>`; `.h5` of keras.applications (with or without its
    classifier); `.weights.h5` that Keras 3 saved from the same network; `.keras`, a whole model
    that contains the network.

    Args:
        network: the convolutional base, already built.
        path: path of the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: another ending, or a file for another network; the message names the first layer
            that does not fit.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"Expected weights to be 'imagenet', None or the path of a file ({_ENDINGS}). Received: "
            f"{path!r}, which is not there."
        )
    if path.endswith(".npz"):
        found = _by_name(network, _read_npz(path), path)
    elif path.endswith(".keras"):
        found = _from_model(network, path)
    elif path.endswith(".h5") and _is_legacy(path):
        found = _read_legacy(path)
    elif path.endswith(".h5"):
        _load_keras_3(network, path)
        return
    else:
        raise ValueError(f"Expected a file of weights, {_ENDINGS}. Received: {path!r}.")
    _assign(network, found, path)


def weighted_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Layers with weights, in the network's order."""
    return [layer for layer in network.layers if layer.weights]


def _assign(network, found: Sequence[tuple[str, Sequence[np.ndarray]]], path):
    """Checks everything, then assigns: `found` has (layer name, arrays) in the network's order."""
    found = [item for item in found if item[0] not in CLASSIFIER_LAYERS]
    layers = weighted_layers(network)
    for layer, (name, arrays) in zip(layers, found, strict=False):
        wanted = [tuple(w.shape) for w in layer.weights]
        received = [tuple(a.shape) for a in arrays]
        if wanted != received:
            raise _mismatch(network, path, layer, f"{name!r} with shapes {received}")
    if len(found) < len(layers):
        raise _mismatch(network, path, layers[len(found)], "no further layer")
    if len(found) > len(layers):
        raise ValueError(
            f"Expected weights of {network.name}, {len(layers)} layers. Received: {path}, which has "
            f"the further layer {found[len(layers)][0]!r}: it is of another network."
        )
    for layer, (_, arrays) in zip(layers, found, strict=True):
        for variable, array in zip(layer.weights, arrays, strict=True):
            variable.assign(array)


def _mismatch(network, path, layer, received):
    shapes = [tuple(weight.shape) for weight in layer.weights]
    return ValueError(
        f"Expected weights of {network.name}: layer {layer.name!r} with shapes {shapes}. Received: "
        f"{path}, which has {received} there. Give the file of this network and its options."
    )


def _read_npz(path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"Expected an .npz file of arrays. Received: {path}: {error}") from error


def _by_name(network, arrays: Mapping[str, np.ndarray], path):
    """(layer name, arrays) of arrays named `<layer>/<variable>`; those of unknown layers come last."""
    layers = weighted_layers(network)
    found = []
    for layer in layers:
        names = [f"{layer.name}/{weight.name}" for weight in layer.weights]
        missing = [name for name in names if name not in arrays]
        if missing:
            raise _mismatch(network, path, layer, f"no array {missing[0]!r}")
        found.append((layer.name, [arrays[name] for name in names]))
    known = {layer.name for layer in layers}
    others = dict.fromkeys(name.rpartition("/")[0] for name in arrays)
    return found + [(name, []) for name in others if name not in known]


def _is_legacy(path) -> bool:
    try:
        with h5py.File(path, "r") as file:
            return "layer_names" in file.attrs or "model_weights" in file
    except OSError as error:
        raise ValueError(f"Expected an HDF5 file. Received: {path}: {error}") from error


def _read_legacy(path):
    """(layer name, arrays) of the layers with weights, in the order of the file."""
    with h5py.File(path, "r") as file:
        root = file["model_weights"] if "layer_names" not in file.attrs else file
        layers = [_text(name) for name in root.attrs["layer_names"]]
        found = [
            (layer, [root[layer][_text(name)][()] for name in root[layer].attrs["weight_names"]])
            for layer in layers
        ]
    return [(layer, arrays) for layer, arrays in found if arrays]


def _text(name) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _from_model(network, path):
    """(layer name, arrays) of the part of a saved model that has the network's layers."""
    model = keras.saving.load_model(path, compile=False)
    models = [model, *(m for m in model._flatten_layers() if isinstance(m, keras.Model))]
    wanted = {layer.name for layer in weighted_layers(network)}

    def names(part):
        return {layer.name for layer in weighted_layers(part)}

    best = max(models, key=lambda part: (len(wanted & names(part)), -len(names(part))))
    arrays = {
        f"{layer.name}/{weight.name}": weight.numpy()
        for layer in weighted_layers(best)
        for weight in layer.weights
    }
    return _by_name(network, arrays, path)


def _is_variable(name, item) -> bool:
    return isinstance(item, h5py.Dataset) and "/vars/" in name and not name.startswith("optimizer/")


def _load_keras_3(network, path):
    """Loads what Keras 3 saved; on an error the network gets its own weights back."""
    with h5py.File(path, "r") as file:
        saved = []
        file.visititems(lambda name, item: saved.append(name) if _is_variable(name, item) else None)
    # Checked here, since Keras does not mind arrays that the network has no use for.
    if len(saved) > len(network.weights):
        raise ValueError(
            f"Expected weights of {network.name}, {len(network.weights)} arrays. Received: {path}, "
            f"which has {len(saved)}: it is of another network."
        )
    before = network.get_weights()
    try:
        with warnings.catch_warnings():
            # Silences the warning about missing groups, for which an error is raised as well.
            warnings.simplefilter("ignore", UserWarning)
            network.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        network.set_weights(before)
        # Keras's message has whole arrays in it; only the layer that it names first is useful.
        named = re.search(r"<\w+ name=([^,>]+)", str(error))
        names = [layer.name for layer in weighted_layers(network)]
        if named and named[1] in names:
            layer = network.get_layer(named[1])
            raise _mismatch(network, path, layer, "none or others") from None
        raise ValueError(
            f"Expected weights of {network.name} that Keras 3 saved. Received: {path}. Keras says: "
            f"{str(error)[:300]}"
        ) from error
