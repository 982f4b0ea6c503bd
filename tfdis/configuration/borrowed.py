"""Context managers that change gin's one global configuration and give it back as they found it.

gin has no public way to take a binding back, and its own `unlock_config` leaves the configuration
unlocked when what it surrounds fails. This room is the only one that touches gin's tables.
"""

import contextlib
from collections.abc import Iterator, Sequence

import gin
from gin import config as gin_state

from tfdis.configuration.misspelt import explaining_names
from tfdis.configuration.names import without_names_of
from tfdis.configuration.origin import noting_origin

# Imports of gin files and singletons; bindings and what was used of them, with a dictionary for each
# configurable.
_FLAT_TABLES = ("_IMPORTS", "_SINGLETONS")
_NESTED_TABLES = ("_CONFIG", "_OPERATIVE_CONFIG")
# gin modules of disentanglement_lib's own models, networks and losses, and of TensorFlow 1's optimisers.
_DLIB_TRAINING = ("disentanglement_lib", "tf")


@contextlib.contextmanager
def unlocked() -> Iterator[None]:
    """Allows new bindings and configurables inside; afterwards the lock is as it was.

    Example:
        >>> gin.finalize()
        >>> with unlocked():
        ...     gin.bind_parameter("NAME/macro.value", 3)
        >>> gin.config_is_locked()
        True
    """
    was_locked = gin.config_is_locked()
    gin_state._set_config_is_locked(False)
    try:
        yield
    finally:
        gin_state._set_config_is_locked(was_locked)


@contextlib.contextmanager
def preserved() -> Iterator[None]:
    """Allows changes of the configuration inside; afterwards it is as it was.

    Bindings, the record of which were used, imports, singletons and the lock are restored, also
    when the body fails or clears the configuration. Inside, nothing is locked. The context may be
    nested.
    """
    before = _snapshot()
    with unlocked():
        try:
            yield
        finally:
            for name, content in before.items():
                table = getattr(gin_state, name)
                table.clear()
                table.update(content)


def _snapshot() -> dict[str, dict | set]:
    """Copies of gin's tables, by name; the values in them are shared."""
    flat = {name: getattr(gin_state, name).copy() for name in _FLAT_TABLES}
    nested = {name: getattr(gin_state, name) for name in _NESTED_TABLES}
    return flat | {
        name: {key: dict(parameters) for key, parameters in table.items()}
        for name, table in nested.items()
    }


@contextlib.contextmanager
def emptied() -> Iterator[None]:
    """Like `preserved`, but starts from an empty configuration, outside all of gin's scopes."""
    with preserved(), gin.config_scope(None):
        gin.clear_config()
        yield


@contextlib.contextmanager
def configured(files: Sequence[str] = (), bindings: Sequence[str] = ()) -> Iterator[None]:
    """Like `emptied`, but with what gin files and bindings say, and locked, as a command would run it.

    A name that disentanglement_lib's training code has registered too stands for tfdis's here.

    Args:
        files: paths of gin files.
        bindings: lines of gin, applied after the files.

    Raises:
        ValueError: a wrong name or binding. The configuration is as it was in that case, too.

    Example:
        >>> with configured(bindings=["NAME = 'eggs'"]):
        ...     gin.query_parameter("%NAME")
        'eggs'
        >>> gin.config_str()
        ''
    """
    with emptied(), without_names_of(*_DLIB_TRAINING), contextlib.ExitStack() as stack:
        with explaining_names():
            stack.enter_context(noting_origin(files))
            gin.parse_config_files_and_bindings(list(files), list(bindings))
        yield
