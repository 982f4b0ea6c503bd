"""Optimisers in disentanglement_lib's gin dialect: `vae_optimizer`, `AdamOptimizer`, ..."""

from collections.abc import Callable

import gin
import keras

from tfdis.training.optimizers import FusedAdam
from tfdis.training.radam import radam_optimizer  # noqa: F401 (registers RAdamOptimizer)

_MODULE = "tfdis.training"


@gin.configurable("AdamOptimizer", module=_MODULE)
def adam_optimizer(
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    use_locking: bool = False,
    name: str = "Adam",
) -> keras.optimizers.Optimizer:
    """Adam with TensorFlow 1's argument names and defaults; `use_locking` has no meaning any more."""
    del use_locking
    return FusedAdam(learning_rate, beta1, beta2, epsilon, name=name)


@gin.configurable("GradientDescentOptimizer", module=_MODULE)
def gradient_descent_optimizer(
    learning_rate: float, use_locking: bool = False, name: str = "GradientDescent"
) -> keras.optimizers.Optimizer:
    """Plain gradient descent with TensorFlow 1's argument names."""
    del use_locking
    return keras.optimizers.SGD(learning_rate, name=name)


@gin.configurable("MomentumOptimizer", module=_MODULE)
def momentum_optimizer(
    learning_rate: float,
    momentum: float,
    use_locking: bool = False,
    name: str = "Momentum",
    use_nesterov: bool = False,
) -> keras.optimizers.Optimizer:
    """Gradient descent with momentum, with TensorFlow 1's argument names."""
    del use_locking
    return keras.optimizers.SGD(learning_rate, momentum, nesterov=use_nesterov, name=name)


@gin.configurable("vae_optimizer", module=_MODULE)
def make_vae_optimizer(
    optimizer_fn: Callable = gin.REQUIRED, learning_rate=None
) -> keras.optimizers.Optimizer:
    """The optimiser of encoder and decoder: `vae_optimizer.optimizer_fn = @vae/AdamOptimizer`."""
    return _make(optimizer_fn, learning_rate)


@gin.configurable("discriminator_optimizer", module=_MODULE)
def make_discriminator_optimizer(
    optimizer_fn: Callable = gin.REQUIRED, learning_rate=None
) -> keras.optimizers.Optimizer:
    """The optimiser of a model's discriminator, as `make_vae_optimizer`."""
    return _make(optimizer_fn, learning_rate)


def _make(optimizer_fn, learning_rate):
    return optimizer_fn() if learning_rate is None else optimizer_fn(learning_rate=learning_rate)
