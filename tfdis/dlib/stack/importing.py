"""Loads disentanglement_lib's modules, and only them, with the stand-ins of `compat`.

A finder in front of Python's own loads dlib's files, unmodified, with an `__import__` of their own.
"""

import builtins
import functools
import importlib.abc
import importlib.machinery
import importlib.metadata
import sys
import types

from tfdis.configuration import unlocked
from tfdis.dlib.stack.compat import CHANGED, DLIB, REPLACED, STAND_INS

SUPPORTED_VERSION = "1.5"
# The interface of data sets, which people import where they define their own, and its empty packages.
_NEED_NOTHING = {
    f"{DLIB}.data",
    f"{DLIB}.data.ground_truth",
    f"{DLIB}.data.ground_truth.ground_truth_data",
}
# Its commands, which need TensorFlow 1, replace ours of the same names, but for those after the word tfdis.
_INSTALL = (
    f"pip install --no-deps disentanglement-lib=={SUPPORTED_VERSION} (its dlib_... commands are for TensorFlow "
    "1; tfdis's are `tfdis dlib_evaluate` and so on)"
)


@functools.cache
def _stand_in(name: str) -> types.ModuleType:
    return STAND_INS[name]()


def _import_for_dlib(name, globals=None, locals=None, fromlist=(), level=0):
    """`__import__` as dlib's modules see it."""
    # `import a.b` binds a; `from a.b import c` takes c from a.b.
    bound = name if fromlist else name.partition(".")[0]
    if level == 0 and bound in STAND_INS:
        return _stand_in(bound)
    return builtins.__import__(name, globals, locals, fromlist, level)


class _DlibLoader(importlib.machinery.SourceFileLoader):
    """Runs a file of dlib with `_import_for_dlib` in place of `__import__`."""

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in REPLACED:
            REPLACED[module.__name__](module)
            return
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import_for_dlib}
        # Gin is unlocked since modules bring gin names, which a configuration in use would refuse.
        with unlocked():
            super().exec_module(module)
            if module.__name__ in CHANGED:
                CHANGED[module.__name__](module)


class _DlibFinder(importlib.abc.MetaPathFinder):
    """Finds dlib's modules where they are, and has `_DlibLoader` load them."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] != DLIB:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _DlibLoader(spec.loader.name, spec.loader.path)
        return spec


def _check_version() -> None:
    try:
        version = importlib.metadata.version("disentanglement-lib")
    except importlib.metadata.PackageNotFoundError as error:
        raise ImportError(
            f"Expected disentanglement_lib {SUPPORTED_VERSION}. Received: it is not installed. "
            f"Fix: {_INSTALL}"
        ) from error
    if version != SUPPORTED_VERSION:
        raise ImportError(
            f"Expected disentanglement_lib {SUPPORTED_VERSION}, the version that tfdis knows how "
            f"to run. Received: version {version}. Fix: {_INSTALL}"
        )


def install() -> None:
    """Makes disentanglement_lib 1.5 importable here; it is safe to call this again.

    Raises:
        ImportError: disentanglement_lib is not installed, or has another version.
        RuntimeError: parts of it were imported before, without what they lack.

    Example:
        >>> import tfdis.dlib
        >>> tfdis.dlib.install()
        >>> from disentanglement_lib.evaluation.metrics import mig
        >>> mig.compute_mig.__name__
        'compute_mig'
    """
    if any(isinstance(finder, _DlibFinder) for finder in sys.meta_path):
        return
    _check_version()
    early = sorted({name for name in sys.modules if name.startswith(f"{DLIB}.")} - _NEED_NOTHING)
    if early:
        raise RuntimeError(
            f"Expected tfdis.dlib.install() before disentanglement_lib is imported. Received: "
            f"{early[0]} and {len(early) - 1} more are imported already."
        )
    sys.meta_path.insert(0, _DlibFinder())
