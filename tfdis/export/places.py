"""Places where models are shared: Hugging Face and Kaggle, each by its own package."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from types import ModuleType

from tfdis.files.optional import optional_module

HUGGING_FACE, KAGGLE = "hf://", "kaggle://"
# Prefix of a name -> (package, what follows the prefix, how to log in).
_PLACES = {
    HUGGING_FACE: (
        "huggingface_hub",
        "OWNER/NAME",
        "`hf auth login`, or a token in the variable HF_TOKEN",
    ),
    KAGGLE: (
        "kagglehub",
        "OWNER/MODEL/FRAMEWORK/VARIATION",
        "`kagglehub.login()` in Python, or a token of https://www.kaggle.com/settings/api in the variable "
        "KAGGLE_API_TOKEN",
    ),
}
# What a folder of `write_card` can be used with, of the frameworks that Kaggle knows.
_KAGGLE_FRAMEWORKS = ("keras", "tensorFlow2")
# Licences as Hugging Face spells them -> as Kaggle does. What is not here is passed on as it is.
_KAGGLE_LICENCES = {
    "apache-2.0": "Apache 2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "cc-by-4.0": "Attribution 4.0 International (CC BY 4.0)",
    "cc-by-nc-4.0": "Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)",
    "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc0-1.0": "CC0: Public Domain",
    "gpl-3.0": "GPL 3",
    "mit": "MIT",
}


def download(name: str) -> str | None:
    """Downloads a shared folder, once; the package keeps it in its cache.

    Args:
        name: `hf://owner/name`, or `kaggle://owner/model/framework/variation`, which `/version` may follow.

    Returns:
        The path of the folder; None if the name is that of no such place.

    Raises:
        ImportError: the package that downloads is not installed.
        ValueError: the name has other parts.
        OSError: there is no such model, or the site is not reached.
    """
    prefix, path = _split(name)
    if not prefix:
        return None
    has_version = prefix == KAGGLE and path.rpartition("/")[2].isdecimal()
    _check_parts(prefix, path.rpartition("/")[0] if has_version else path)
    package = _installed(prefix)
    if prefix == HUGGING_FACE:
        return package.snapshot_download(repo_id=path)
    with _errors_of_kagglehub():
        return package.model_download(handle=path)


def check_upload(name: str) -> None:
    """Raises what `upload` would raise before it asks the network.

    Args:
        name: `hf://owner/name` or `kaggle://owner/model/framework/variation`.

    Raises:
        ValueError: another name, or a framework of Kaggle's that the folder of a card is not for.
        ImportError: the package that uploads is not installed.
        PermissionError: nobody is logged in.
    """
    prefix, path = _split(name)
    if not prefix:
        forms = " or ".join(f"{each}{_PLACES[each][1]}" for each in _PLACES)
        raise ValueError(f"Expected a place to upload to, {forms}. Received: {name}.")
    _check_parts(prefix, path)
    if prefix == KAGGLE and path.split("/")[2] not in _KAGGLE_FRAMEWORKS:
        raise ValueError(
            f"Expected the framework {' or '.join(_KAGGLE_FRAMEWORKS)} in {KAGGLE}{_PLACES[KAGGLE][1]}, which "
            f"the folder of a card is for. Received: {name}."
        )
    if not _credentials(prefix):
        raise PermissionError(
            f"Expected somebody to be logged in at {prefix}... Received: nobody is. Fix: {_PLACES[prefix][2]}."
        )


def upload(
    folder: str | os.PathLike, name: str, private: bool = False, licence: str = "apache-2.0"
) -> str:
    """Uploads a folder to Hugging Face or Kaggle; what is missing there is made.

    The package of the place knows who uploads, see `check_upload`.

    Args:
        folder: path of the folder, as `write_card` leaves it.
        name: `hf://owner/name` or `kaggle://owner/model/framework/variation`.
        private: whether a new repository of Hugging Face is seen by its owner alone. A new model of Kaggle
            always is, until its owner makes it public on the site.
        licence: licence of the weights, as Hugging Face spells it, for a new variation of Kaggle.

    Returns:
        The address of the commit, or of the variation.

    Raises:
        ValueError: another name.
        ImportError: the package that uploads is not installed.
        OSError: nobody is logged in, the site refuses, or it is not reached.
    """
    check_upload(name)
    prefix, path = _split(name)
    package, folder = _installed(prefix), os.fspath(folder)
    if prefix == HUGGING_FACE:
        api = package.HfApi()
        api.create_repo(path, exist_ok=True, private=private)
        return api.upload_folder(repo_id=path, folder_path=folder).commit_url
    with _errors_of_kagglehub():
        package.model_upload(path, folder, license_name=_KAGGLE_LICENCES.get(licence, licence))
    return f"https://www.kaggle.com/models/{path}"


def _split(name: str) -> tuple[str, str]:
    """(prefix of a place or "", the rest) of a name."""
    prefix = next((each for each in _PLACES if name.startswith(each)), "")
    return prefix, name.removeprefix(prefix)


def _check_parts(prefix: str, path: str) -> None:
    form = _PLACES[prefix][1]
    if len(path.split("/")) != len(form.split("/")) or not all(path.split("/")):
        raise ValueError(f"Expected {prefix}{form}. Received: {prefix}{path}.")


def _installed(prefix: str) -> ModuleType:
    extra = "hub" if prefix == HUGGING_FACE else "kaggle"
    return optional_module(_PLACES[prefix][0], f"knows {prefix}...", extra)


def _credentials(prefix: str) -> object:
    """What the package of a place would log in with, or None."""
    package = _installed(prefix)
    if prefix == HUGGING_FACE:
        return package.get_token()
    return importlib.import_module("kagglehub.config").get_kaggle_credentials()


@contextlib.contextmanager
def _errors_of_kagglehub() -> Iterator[None]:
    """Turns errors that are kagglehub's own, which no command knows, into OSError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (OSError, ValueError)) or "kagglehub" not in type(error).__module__:
            raise
        raise OSError(f"Kaggle refused: {error}") from error
