"""Places where models are shared: Hugging Face and Kaggle, each by its own package."""

import importlib
import os
from types import ModuleType

HUGGING_FACE = "hf://"
# Prefix of a name -> (package, its function that downloads a folder, argument of the name).
_PLACES = {
    HUGGING_FACE: ("huggingface_hub", "snapshot_download", "repo_id"),
    "kaggle://": ("kagglehub", "model_download", "handle"),
}


def download(name: str) -> str | None:
    """Downloads a shared folder, once; the package keeps it in its cache.

    Args:
        name: `hf://owner/name` or `kaggle://owner/model/framework/variation`.

    Returns:
        The path of the folder; None if the name is that of no such place.

    Raises:
        ImportError: the package that downloads is not installed.
    """
    for prefix, (package, function, argument) in _PLACES.items():
        if name.startswith(prefix):
            fetch = getattr(_installed(package, prefix), function)
            return fetch(**{argument: name.removeprefix(prefix)})
    return None


def check_upload(name: str) -> None:
    """Raises what `upload` would raise before it asks the network: ImportError or ValueError."""
    parts = name.removeprefix(HUGGING_FACE).split("/")
    if not name.startswith(HUGGING_FACE) or len(parts) != 2 or not all(parts):
        raise ValueError(
            f"Expected a place to upload to, {HUGGING_FACE}OWNER/NAME. Received: {name}. Fix, for Kaggle: "
            'write the folder, and kagglehub.model_upload("OWNER/MODEL/keras/VARIATION", FOLDER).'
        )
    _installed("huggingface_hub", HUGGING_FACE)


def upload(folder: str | os.PathLike, name: str, private: bool = False) -> str:
    """Uploads a folder to Hugging Face; the repository is made if there is none.

    Who uploads is known to huggingface_hub, by `hf auth login` or the variable HF_TOKEN.

    Args:
        folder: path of the folder, as `write_card` leaves it.
        name: `hf://owner/name`.
        private: whether a new repository is seen by its owner alone.

    Returns:
        The address of the commit.

    Raises:
        ImportError: huggingface_hub is not installed.
        ValueError: another name.
        OSError: the site refuses, for example since nobody is logged in, or is not reached.
    """
    check_upload(name)
    api = _installed("huggingface_hub", HUGGING_FACE).HfApi()
    repository = name.removeprefix(HUGGING_FACE)
    api.create_repo(repository, exist_ok=True, private=private)
    return api.upload_folder(repo_id=repository, folder_path=os.fspath(folder)).commit_url


def _installed(package: str, prefix: str) -> ModuleType:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ImportError(
            f"Expected {package} for {prefix}... Received: it is not installed. Fix: pip install {package}"
        ) from error
