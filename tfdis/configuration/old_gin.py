"""Accepts an older gin, for users' code that is written like disentanglement_lib's examples."""

import functools
import sys
import types
from collections.abc import Callable

import gin
from gin import config as gin_state

_OLD_NAMES = {"blacklist": "denylist", "whitelist": "allowlist"}
_DECORATORS = ("configurable", "external_configurable")


def accept_old_gin() -> None:
    """Makes gin accept `blacklist=`, `whitelist=` and `import gin.tf` from now on, everywhere.

    gin-config 0.4 renamed the two arguments; `gin.tf` needs `tf.estimator`, which TensorFlow 2.16
    removed. Nothing is taken away: without this, all three are errors.

    Example:
        >>> import gin
        >>> @gin.configurable("old_example", blacklist=["data"])
        ... def old_example(data, size=1):
        ...     return size
        >>> gin.bind_parameter("old_example.size", 3)
        >>> old_example("images")
        3
    """
    for name in _DECORATORS:
        decorator = _with_old_names(getattr(gin, name))
        setattr(gin, name, decorator)
        setattr(gin_state, name, decorator)
    for name in ("gin.tf", "gin.tf.external_configurables"):
        sys.modules.setdefault(name, types.ModuleType(name, "Empty, see tfdis.configuration."))
    gin.tf = sys.modules["gin.tf"]
    gin.tf.external_configurables = sys.modules["gin.tf.external_configurables"]


def _with_old_names(decorator: Callable) -> Callable:
    @functools.wraps(decorator)
    def renamed(*args, **kwargs):
        for old, new in _OLD_NAMES.items():
            if old in kwargs:
                kwargs[new] = kwargs.pop(old)
        return decorator(*args, **kwargs)

    return renamed
