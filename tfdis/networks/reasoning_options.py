"""Options that all layers for abstract reasoning share."""

from collections.abc import Mapping
from typing import Any

import gin
import keras

_MODULE = "tfdis.networks"
_LEAK = 0.2


@gin.configurable(module=_MODULE)
def activation(activation: str = "relu") -> str:
    """Activation of all hidden layers: a name of Keras's, or "lrelu" (slope 0.2); gin: `activation`."""
    return activation


@gin.configurable(module=_MODULE)
def kernel_initializer(kernel_initializer: str = "lecun_normal") -> str:
    """Initialiser of the kernels of all layers, a name of Keras's; gin: `kernel_initializer`."""
    return kernel_initializer


def keras_options(shared: Mapping[str, str]) -> dict[str, Any]:
    """Options of one of Keras's layers, of the names of activation and initialiser."""
    is_leaky = shared["activation"] == "lrelu"
    leaky = {"activation": keras.layers.LeakyReLU(negative_slope=_LEAK)} if is_leaky else {}
    return {**shared, **leaky}
