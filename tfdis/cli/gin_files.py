"""Gin files of a command: below the current folder, in the checkout, or where pip installed them."""

from pathlib import Path

import gin
from absl import flags

from tfdis.configuration import search_folders


def define_gin_flags() -> None:
    """Defines `--gin_file` and `--gin_bindings`."""
    flags.DEFINE_multi_string("gin_file", [], "Gin file; may be given several times.")
    flags.DEFINE_multi_string(
        "gin_bindings", [], "Gin binding, applied after the files; may be given several times."
    )


def add_search_paths() -> None:
    """Lets gin find `gin/...` files and their includes from any current folder."""
    for folder in search_folders():
        if (folder / "gin").is_dir():
            gin.add_config_file_search_path(str(folder))


def check_gin_files(paths: list[str], example: str = "") -> None:
    """Refuses gin files that are not there.

    Args:
        paths: paths of gin files.
        example: text for the error if there are none; empty if none are needed.

    Raises:
        ValueError: there are none, and some are needed.
        FileNotFoundError: a gin file is in none of these places.
    """
    if example and not paths:
        raise ValueError(f"Expected --gin_file, for example --gin_file={example}.")
    for path in paths:
        if not any((folder / path).is_file() for folder in (Path(), *search_folders())):
            known = sorted(
                p.name for folder in search_folders() for p in (folder / "gin").glob("*.gin")
            )
            raise FileNotFoundError(
                f"Expected a gin file. Received: {path}, which does not exist. The models' files are "
                f"in gin/: {', '.join(known)}."
            )
