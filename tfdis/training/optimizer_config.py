"""Optimisers in disentanglement_lib's gin dialect: `vae_optimizer`, `AdamOptimizer`, ..."""

from collections.abc import Callable

import gin
import keras

from tfdis import registry
from tfdis.training.optimizers import FusedAdam, PyTorchAdam

_MODULE = "tfdis.training"
registry.load("tfdis.training.radam", "tfdis.training.grouped_adam")
ADAM_FORMS = ("tensorflow", "pytorch")


@gin.configurable("AdamOptimizer", module=_MODULE)
def adam_optimizer(
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    use_locking: bool = False,
    name: str = "Adam",
    form: str = "tensorflow",
    weight_decay: float | None = None,
    l2_penalty: float = 0.0,
) -> keras.optimizers.Optimizer:
    """Adam with TensorFlow 1's argument names and defaults, and PyTorch's further options.

    Args:
        learning_rate: a float or a schedule.
        beta1: decay rate of the gradients' moving average.
        beta2: decay rate of the squared gradients' moving average.
        epsilon: number that is added to the square root of the latter.
        use_locking: accepted for TensorFlow 1's signature; it has no meaning any more.
        name: name of the optimiser.
        form: "tensorflow" to add epsilon before the bias correction, "pytorch" to add it after
            (`PyTorchAdam`).
        weight_decay: weight decay of `torch.optim.AdamW`, which is decoupled and multiplied by the
            learning rate.
        l2_penalty: `weight_decay` of `torch.optim.Adam`, which is added to the gradients; with
            "pytorch" alone.

    Raises:
        ValueError: an unknown form, or an L2 penalty with TensorFlow's.
    """
    del use_locking
    if form not in ADAM_FORMS or (l2_penalty and form != "pytorch"):
        raise ValueError(
            f"Expected AdamOptimizer.form to be one of {ADAM_FORMS}, and 'pytorch' for an l2_penalty. "
            f"Received: form {form!r}, l2_penalty {l2_penalty!r}."
        )
    settings = {"weight_decay": weight_decay, "name": name}
    if form == "pytorch":
        return PyTorchAdam(learning_rate, beta1, beta2, epsilon, l2_penalty, **settings)
    return FusedAdam(learning_rate, beta1, beta2, epsilon, **settings)


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
    optimizer_fn: Callable = gin.REQUIRED, learning_rate: float | Callable | None = None
) -> keras.optimizers.Optimizer:
    """The optimiser of encoder and decoder: `vae_optimizer.optimizer_fn = @vae/AdamOptimizer`."""
    return _make(optimizer_fn, learning_rate)


@gin.configurable("discriminator_optimizer", module=_MODULE)
def make_discriminator_optimizer(
    optimizer_fn: Callable = gin.REQUIRED, learning_rate: float | Callable | None = None
) -> keras.optimizers.Optimizer:
    """The optimiser of a model's discriminator, in the same way as `make_vae_optimizer`."""
    return _make(optimizer_fn, learning_rate)


def _make(optimizer_fn, learning_rate):
    return optimizer_fn() if learning_rate is None else optimizer_fn(learning_rate=learning_rate)
