"""Loads a trained model by the path of its run, or from where models are shared."""

import importlib
import os
from pathlib import Path

import keras

# Prefix of a name -> (package, its function that downloads a folder, argument of the name).
_PLACES = {
    "hf://": ("huggingface_hub", "snapshot_download", "repo_id"),
    "kaggle://": ("kagglehub", "model_download", "handle"),
}
_FILE = "model.keras"


def load(name: str | os.PathLike) -> keras.Model:
    """Loads the Keras model of a run; nothing in its files is executed.

    Args:
        name: path of a run's folder, of one that `bin/card` wrote, or of a `.keras` file;
            `hf://owner/name` or `kaggle://owner/model/framework/variation` to download it by
            huggingface_hub or kagglehub, where they are installed.

    Returns:
        The model, one of `tfdis.models`.

    Raises:
        FileNotFoundError: there is no model.
        ImportError: the package that downloads is not installed.

    Example:
        >>> load("runs/btc").encode(images).mean()  # doctest: +SKIP
    """
    path = _local(os.fspath(name))
    inner = [path, path / _FILE, path / "model" / _FILE]
    found = next((each for each in inner if each.is_file()), None)
    if found is None:
        raise FileNotFoundError(
            f"Expected a .keras file, or a folder with {_FILE} as bin/train writes it. Received: {path}."
        )
    return keras.models.load_model(found)


def _local(name):
    for prefix, (package, function, argument) in _PLACES.items():
        if name.startswith(prefix):
            try:
                module = importlib.import_module(package)
            except ImportError as error:
                raise ImportError(
                    f"Expected {package}, which downloads {prefix}... Received: it is not installed. "
                    f"Fix: pip install {package}"
                ) from error
            return Path(getattr(module, function)(**{argument: name.removeprefix(prefix)}))
    return Path(name)
