"""Classes that .keras files name, found also where the modules that define them were not imported.

Keras knows a class of a package once its module ran. This is the only file that touches Keras's table.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable

_TABLES_MODULE = "keras.src.saving.object_registration"
_TABLE = "GLOBAL_CUSTOM_OBJECTS"


class _LoadedOnDemand(dict):
    """Registered name -> class; a name of the package that is missing has its modules imported, once."""

    def __init__(self, known: dict, package: str, load: Callable[[], None]):
        super().__init__(known)
        self._prefix = f"{package}>"
        self._load = load
        self._is_loaded = False

    def __contains__(self, name) -> bool:
        if super().__contains__(name):
            return True
        if not self._is_loaded and str(name).startswith(self._prefix):
            self._is_loaded = True
            self._load()
        return super().__contains__(name)


class _Loader(importlib.machinery.SourceFileLoader):
    """Runs Keras's module of that table, then a function that is to follow."""

    def __init__(self, name: str, path: str, follow: Callable[[types.ModuleType], None]):
        super().__init__(name, path)
        self._follow = follow

    def exec_module(self, module: types.ModuleType) -> None:
        super().exec_module(module)
        self._follow(module)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds only that module, where it is."""

    def __init__(self, follow: Callable[[types.ModuleType], None]):
        self._follow = follow

    def find_spec(self, fullname, path=None, target=None):
        if fullname != _TABLES_MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self._follow)
        return spec


def load_on_demand(package: str, load: Callable[[], None]) -> None:
    """Has `keras.models.load_model` import the modules of a package when a file names its classes.

    Keras may have been imported before or be imported later; it is not imported here.

    Args:
        package: the package name, as in `keras.saving.register_keras_serializable(package=)`.
        load: function that imports the modules that register classes.
    """

    def replace_table(module):
        if hasattr(module, _TABLE):
            setattr(module, _TABLE, _LoadedOnDemand(getattr(module, _TABLE), package, load))

    if _TABLES_MODULE in sys.modules:
        replace_table(sys.modules[_TABLES_MODULE])
    else:
        sys.meta_path.insert(0, _Finder(replace_table))
