"""Layers as Disentanglement-PyTorch initialises them: plain normal weights, PyTorch's default biases."""

from keras import KerasTensor, layers

from tfdis.networks.initializers import glorot_normal, he_normal, pytorch_biases


def conv2d(
    x: KerasTensor,
    filters: int,
    kernel_size: int,
    name: str | None = None,
    strides: int = 2,
    padding: str = "valid",
) -> KerasTensor:
    """Convolution with relu; weights of variance 2 / (fan_in + fan_out)."""
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        activation="relu",
        kernel_initializer=glorot_normal(),
        bias_initializer=pytorch_biases(kernel_size**2 * x.shape[-1]),
        name=name,
    )(x)


def conv2d_transpose(
    x: KerasTensor,
    filters: int,
    kernel_size: int,
    name: str,
    strides: int = 2,
    padding: str = "valid",
    activation: str | None = "relu",
) -> KerasTensor:
    """Transposed convolution; weights of variance 2 / (fan_in + fan_out)."""
    return layers.Conv2DTranspose(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        activation=activation,
        kernel_initializer=glorot_normal(),
        bias_initializer=pytorch_biases(kernel_size**2 * filters),
        name=name,
    )(x)


def dense(
    x: KerasTensor, units: int, name: str | None = None, dtype: str | None = None
) -> KerasTensor:
    """Linear dense layer; weights of variance 2 / fan_in."""
    return layers.Dense(
        units,
        kernel_initializer=he_normal(),
        bias_initializer=pytorch_biases(x.shape[-1]),
        name=name,
        dtype=dtype,
    )(x)
