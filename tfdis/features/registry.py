"""Registry of backbones and pooling layers: one decorator names them for gin, saving and the tests."""

import inspect
from collections.abc import Callable

import gin
import keras

_MODULE = "tfdis.features"

# gin name -> function of (image_shape, ...) that builds a backbone, a Keras model images -> maps.
BACKBONES: dict[str, Callable] = {}
# gin name -> Keras layer class, maps [batch, h, w, c] -> features [batch, D].
POOLINGS: dict[str, type] = {}


def backbone(fn: Callable) -> Callable:
    """Registers `fn(image_shape, ...) -> keras.Model` under its name; gin binds the rest."""
    BACKBONES[fn.__name__] = gin.configurable(fn, module=_MODULE, denylist=["image_shape"])
    return BACKBONES[fn.__name__]


def pooling(gin_name: str):
    """Decorator: registers a layer class for saving and its constructor under a gin name.

    Args:
      gin_name: name in gin files, e.g. "rmac".
    """

    def decorate(cls):
        cls = keras.saving.register_keras_serializable(package="tfdis")(cls)
        POOLINGS[gin_name] = cls
        gin.external_configurable(_constructor(cls, gin_name), name=gin_name, module=_MODULE)
        return cls

    return decorate


def _constructor(cls, gin_name):
    def build(**bound):
        return cls(**bound)

    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    build.__name__ = gin_name
    build.__doc__ = cls.__doc__
    build.__signature__ = inspect.Signature(
        [
            p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for p in parameters
            if p.kind is not inspect.Parameter.VAR_KEYWORD
        ]
    )
    return build


def find(table: dict[str, Callable], name: str) -> Callable:
    """Returns the backbone or pooling of that name.

    Raises:
      ValueError: none has that name; the message lists the names.
    """
    if name not in table:
        raise ValueError(f"Expected one of {sorted(table)}. Received: {name!r}.")
    return table[name]
