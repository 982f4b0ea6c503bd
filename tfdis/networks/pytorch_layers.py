"""Layers with PyTorch's default initial weights and biases, and instance normalisation."""

from keras import KerasTensor, initializers, layers

from tfdis.networks.initializers import pytorch_biases, pytorch_weights


def dense(
    x: KerasTensor, units: int, name: str | None = None, activation: str | None = None
) -> KerasTensor:
    """Dense layer; weights and biases U(-1, 1) / sqrt(inputs)."""
    return layers.Dense(
        units,
        activation=activation,
        kernel_initializer=pytorch_weights(),
        bias_initializer=pytorch_biases(x.shape[-1]),
        name=name,
    )(x)


def conv2d(
    x: KerasTensor,
    filters: int,
    kernel_size: int,
    name: str | None = None,
    strides: int = 1,
    use_bias: bool = True,
) -> KerasTensor:
    """Convolution, "same" and linear; weights and biases U(-1, 1) / sqrt(kernel_size^2 * channels)."""
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=use_bias,
        kernel_initializer=pytorch_weights(),
        bias_initializer=pytorch_biases(kernel_size**2 * x.shape[-1]),
        name=name,
    )(x)


def conv2d_transpose(
    x: KerasTensor, filters: int, kernel_size: int, name: str, strides: int
) -> KerasTensor:
    """Transposed convolution, "same", linear, without bias.

    Its weights are U(-1, 1) / sqrt(kernel_size^2 * channels), the channels being those of the input, as in
    Equinox. (PyTorch itself counts the filters here.)
    """
    # Keras calls the channels of a transposed convolution's input its fan-out.
    by_inputs = initializers.VarianceScaling(1.0 / 3.0, "fan_out", "uniform")
    return layers.Conv2DTranspose(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer=by_inputs,
        name=name,
    )(x)


def instance_norm(x: KerasTensor, epsilon: float, affine: bool, name: str) -> KerasTensor:
    """Mean 0 and variance 1 over the positions of each channel of each image; affine with scale and offset."""
    norm = layers.GroupNormalization(-1, epsilon=epsilon, scale=affine, center=affine, name=name)
    return norm(x)


def layer_norm(x: KerasTensor, name: str) -> KerasTensor:
    """Mean 0 and variance 1 over the units of each image, then scale and offset; epsilon 1e-5."""
    return layers.LayerNormalization(epsilon=1e-5, name=name)(x)
