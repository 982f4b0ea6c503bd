"""`--import=my_module`: a user's own models, losses, data sets, ... take part in a command."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from tfdis.configuration import unlocked

_FLAG = "import"


def define_import_flag() -> None:
    """Defines `--import`."""
    flags.DEFINE_multi_string(
        _FLAG,
        [],
        "Module of your own to import first, from the current folder or installed, so that what it "
        "registers has a name; may be given several times.",
        allow_override=True,
    )


def import_own_modules() -> None:
    """Imports the modules of `--import`, and lets gin's `import` lines find modules in the current folder.

    Raises:
        ValueError: a module that is not there, or a path.
    """
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # Last: a file there must not hide an installed package.
    _import(flags.FLAGS[_FLAG].value)


def _import(names: Sequence[str]) -> None:
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(
                f"Expected --import=MODULE, a name as in Python's import. Received: --import={name}. "
                f"Fix: --import={Path(name).stem}, in the folder of that file."
            )
        try:
            with unlocked():
                importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name.split(".")[0] and not name.startswith(f"{error.name}."):
                raise
            raise ValueError(
                f"Expected --import of a module that is installed or lies in the current folder. Received: "
                f"--import={name}, which is not in {os.getcwd()}. Fix: start the command in the folder of "
                f"{name.replace('.', '/')}.py, or put that folder on PYTHONPATH."
            ) from error
