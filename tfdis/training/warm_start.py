"""Starting from the weights of another run: the study pre-trains every model with a plain VAE."""

import os
from pathlib import Path

import keras
from absl import logging

from tfdis.models import VAE

KERAS_FILE = "model.keras"


def warm_start(model: VAE, source: str | os.PathLike) -> None:
    """Copies encoder and decoder of another run into the model; nothing else, and no optimiser state.

    Args:
        model: the model to change; it is left as it was if anything does not fit.
        source: path of a complete run's folder (with model.keras), or of a .keras file.

    Raises:
        FileNotFoundError: there is no such run or file.
        ValueError: the file is no VAE of tfdis, or its networks are different; the first variable
            of another shape is named.
    """
    path = Path(source)
    path = path / KERAS_FILE if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected the folder of a complete run (with {KERAS_FILE}) or a .keras file to start from. "
            f"Received: {source}. Train it to its end first, or correct model.warm_start."
        )
    other = keras.models.load_model(path, compile=False)
    if not isinstance(other, VAE):
        raise ValueError(f"Expected a model of tfdis in {path}. Received: {type(other).__name__}.")
    pairs = []
    for name in ("encoder", "decoder"):
        pairs += _matched(getattr(model, name), getattr(other, name), path)
    for variable, value in pairs:
        variable.assign(value)
    logging.info("Started from the weights in %s.", path)


def _matched(network, other, path):
    """Pairs of the variables of two networks, which must have the same shapes in the same order."""
    for variable, value in zip(network.variables, other.variables, strict=False):
        if variable.shape != value.shape:
            raise ValueError(
                f"Cannot start from {path}: expected {network.name} variable {variable.path} of shape "
                f"{tuple(variable.shape)}. Received: {tuple(value.shape)} ({value.path}). Both runs need "
                "the same networks, number of latents and image shape."
            )
    if len(network.variables) != len(other.variables):
        raise ValueError(
            f"Cannot start from {path}: expected {len(network.variables)} variables in {network.name}. "
            f"Received: {len(other.variables)}. Both runs need the same networks."
        )
    return list(zip(network.variables, other.variables, strict=True))
