"""Versions of the packages on which a model's numbers may depend."""

from importlib import metadata

import tfdis

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "disentanglement-lib")


def versions() -> dict[str, str]:
    """Version by name of package: tfdis, and what it computes with."""
    found = {"tfdis": tfdis.__version__}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
