"""Loads a trained model by the path of its run, out of the zoo, or from where models are shared."""

import difflib
import os
from pathlib import Path

import keras

from tfdis import registry
from tfdis.export.model import KERAS_FILE
from tfdis.export.places import download

_ZOO = "zoo://"


def load(name: str | os.PathLike) -> keras.Model:
    """Loads the Keras model of a run; nothing in its files is executed.

    Args:
        name: path of a run's folder, of one that `bin/card` wrote, or of a `.keras` file;
            `zoo://name` for a small model that `make zoo` has trained, see `tfdis list zoo`;
            `hf://owner/name` or `kaggle://owner/model/framework/variation` to download it by
            huggingface_hub or kagglehub, where they are installed.

    Returns:
        The model, one of `tfdis.models`.

    Raises:
        FileNotFoundError: there is no model.
        ValueError: the zoo has no model of that name, or a name of Hugging Face or Kaggle has other parts.
        ImportError: the package that downloads is not installed.
        OSError: there is no such shared model, or its site is not reached.

    Example:
        >>> load("runs/btc").encode(images).mean()  # doctest: +SKIP
    """
    name = os.fspath(name)
    path = _local(name)
    found = find_file(path)
    if found is None and name.startswith(_ZOO):
        raise _zoo_error(name.removeprefix(_ZOO), path)
    if found is None:
        raise FileNotFoundError(
            f"Expected a .keras file, or a folder with {KERAS_FILE} as bin/train writes it. Received: {path}."
        )
    return keras.models.load_model(found)


def find_file(path: Path) -> Path | None:
    """The Keras file at a path: itself, or that of a run's or a point's folder; None without one."""
    inner = [path, path / KERAS_FILE, path / "model" / KERAS_FILE]
    return next((each for each in inner if each.is_file()), None)


def zoo_path(name: str) -> Path:
    """Folder of a model of the zoo below `$TFDIS_ZOO`, or else `zoo` in the current folder."""
    return Path(os.environ.get("TFDIS_ZOO") or "zoo") / "points" / name


def _zoo_error(name: str, path: Path) -> Exception:
    """What to say of a model of the zoo that is not at its place."""
    names = [point.name for point in registry.STUDIES.find("zoo")()]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        return ValueError(
            f"Expected a model of the zoo, one of {', '.join(names)}. Received: {name!r}. Fix: "
            f"{f'did you mean {close[0]!r}?' if close else '`tfdis list zoo` says what they are.'}"
        )
    return FileNotFoundError(
        f"Expected the zoo's model {name} in {path}. Received: it is not trained there. Fix: "
        f"`make zoo`, or `tfdis study --study=zoo --output_dir={path.parents[1]}`; or set TFDIS_ZOO to the "
        "folder of a zoo that is."
    )


def _local(name):
    if name.startswith(_ZOO):
        return zoo_path(name.removeprefix(_ZOO))
    return Path(download(name) or name)
