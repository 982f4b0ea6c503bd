"""Packages that only some of tfdis needs: one line says what for, and how to get them."""

import importlib
from types import ModuleType


def optional_module(name: str, use: str, extra: str | None = None) -> ModuleType:
    """Imports a package that may be missing.

    Args:
        name: name of the module, and of the package for pip.
        use: text on what the package does here, after "which".
        extra: name of the extra of tfdis that brings the package; None if there is none.

    Raises:
        ImportError: the package cannot be imported.

    Example:
        >>> optional_module("json", "reads JSON").__name__
        'json'
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise missing(name, use, error, extra and with_extra(extra)) from error


def missing(
    names: str, use: str, received: object = "none", install: str | None = None
) -> ImportError:
    """The error for packages that cannot be imported.

    Args:
        names: names of the packages, as pip takes them.
        use: text on what they do here, after "which".
        received: what happened instead, such as the error of the import.
        install: text of what to give to `pip install`; None for the names.

    Example:
        >>> missing("ray", "runs studies", install=with_extra("study"))
        ImportError("Expected ray, which runs studies. Received: none. Fix: pip install 'tfdis[study]'")
    """
    return ImportError(
        f"Expected {names}, which {use}. Received: {str(received).rstrip('.')}. Fix: pip install "
        f"{install or names}"
    )


def with_extra(name: str) -> str:
    """What pip takes for tfdis with one of its extras, quoted for shells."""
    return f"'tfdis[{name}]'"
