"""FactorQVAE's residual networks, whose blocks add only a small part of what they compute."""

from collections.abc import Sequence

from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks.image_size import check_size, crop_to, map_to_double
from tfdis.networks.initializers import narrow_normal

FILTERS = (128, 256, 512)
_BLOCKS = 2


@registry.encoder
def scaled_residual_encoder(
    input_tensor: KerasTensor,
    num_latent: int,
    is_training: bool = True,
    filters: Sequence[int] = FILTERS,
    units: int = 128,
) -> tuple[KerasTensor, KerasTensor]:
    """Residual encoder with scaled blocks; gin: `encoder.encoder_fn = @scaled_residual_encoder`.

    Images less 1/2 pass a convolution of kernel 3, then two blocks for each number of filters c, with
    max-pooling between the numbers; relu, two dense layers with relu, and a linear one. A block adds
    1/36 (one over the squared number of blocks) of four convolutions after relu, of kernels 3, 3, 3, 1
    and c/4, c/4, c/4, c filters, to x, or to a convolution of kernel 1 where the number of channels
    changes. Weights are N(0, .02^2), biases 0. 1.41 billion multiply-adds for an image of 64x64x3.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`; 64x64 in the paper.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters.
        units: number of units of the dense layers.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`; the published network has no
        second head, which models of deterministic codes cut off.

    Raises:
        ValueError: a height or width below 8.

    References:
        Baykal et al. (2024), "Disentanglement with Factor Quantized Variational Autoencoders".
        arXiv:2409.14851 (its published code).
    """
    del is_training
    check_size("scaled_residual_encoder", *input_tensor.shape[1:3])
    x = layers.Rescaling(1.0, -0.5)(input_tensor)
    x = _conv(x, filters[0], 3, "stem")
    for stage, width in enumerate(filters, start=1):
        if stage > 1:
            x = layers.MaxPooling2D(2, padding="same")(x)
        x = _stage(x, width, (3, 3, 3, 1), len(filters), f"e{stage}")
    x = layers.Flatten()(layers.ReLU()(x))
    for index in (1, 2):
        x = _dense(x, units, f"dense{index}", "relu")
    return _dense(x, num_latent, "means"), _dense(x, num_latent, "log_var")


@registry.decoder
def scaled_residual_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    filters: Sequence[int] = FILTERS[::-1],
    units: int = 64,
) -> KerasTensor:
    """Residual decoder with scaled blocks; gin: `decoder.decoder_fn = @scaled_residual_decoder`.

    A dense layer to maps of a fourth of the height and width; two blocks for each number of filters,
    as in `scaled_residual_encoder` with kernels 1, 3, 3, 3, and doubling by repetition between the
    numbers; relu, a convolution of kernel 1, and 1/2 is added. If a height or width is no multiple of
    4, the image is the middle of the next larger one. 1.76 billion multiply-adds for 64x64x3.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters.
        units: channels of the first maps.

    Returns:
        Keras tensor `[batch, height, width, channels]`: images, for a loss with the activation
        "linear".

    Raises:
        ValueError: a height or width below 8.

    References:
        As for `scaled_residual_encoder`.
    """
    del is_training
    height, width, channels = output_shape
    check_size("scaled_residual_decoder", height, width)
    rows, columns = map_to_double(height, width, len(filters) - 1)
    x = _dense(latent_tensor, rows * columns * units, "dense1")
    x = layers.Reshape((rows, columns, units))(x)
    for stage, num in enumerate(filters, start=1):
        if stage > 1:
            x = layers.UpSampling2D()(x)
        x = _stage(x, num, (1, 3, 3, 3), len(filters), f"d{stage}")
    x = _conv(layers.ReLU()(x), channels, 1, "output")
    return crop_to(layers.Rescaling(1.0, 0.5)(x), height, width)


def _stage(x, width, kernels, num_stages, name):
    """Blocks of one width; their gain counts the blocks of the whole network."""
    gain = 1 / (_BLOCKS * num_stages) ** 2
    for block in range(1, _BLOCKS + 1):
        skip = x if x.shape[-1] == width else _conv(x, width, 1, f"{name}_{block}_skip")
        for index, kernel_size in enumerate(kernels, start=1):
            filters = width if index == len(kernels) else width // 4
            x = _conv(layers.ReLU()(x), filters, kernel_size, f"{name}_{block}_{index}")
        x = layers.Add()([skip, layers.Rescaling(gain)(x)])
    return x


def _conv(x, filters, kernel_size, name):
    convolution = layers.Conv2D(
        filters, kernel_size, padding="same", kernel_initializer=narrow_normal(), name=name
    )
    return convolution(x)


def _dense(x, units, name, activation=None):
    return layers.Dense(units, activation, kernel_initializer=narrow_normal(), name=name)(x)
