"""Packages whose names are resolved on first use."""

import importlib
import os
import pkgutil
from collections.abc import Callable
from typing import Any

import lazy_loader

from tfdis.configuration.borrowed import unlocked


def lazy_names(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package whose names are resolved on first use.

    The names are those that the stub beside it, `__init__.pyi`, imports for type checkers. Its modules
    are found as well, as attributes. All of this works while gin's configuration is locked: a module
    may bring gin names.

    Args:
        package: `__name__` of the package.
        file: its `__file__`.
    """
    modules = {found.name for found in pkgutil.iter_modules([os.path.dirname(file)])}
    resolve, _, listed = lazy_loader.attach_stub(package, file)
    public = [name for name in listed if name not in modules]

    def get(name: str) -> Any:
        if name not in listed and name not in modules:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}. Public names: {public}."
            )
        with unlocked():
            return resolve(name) if name in listed else importlib.import_module(f"{package}.{name}")

    return get, lambda: listed, public
