"""The networks of QLAE: instance normalisation, and a decoder that the code modulates."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks import pytorch_layers as torch
from tfdis.networks.image_size import check_size, crop_to, map_to_double
from tfdis.networks.learned_input import LearnedInput

# Each width has three convolutions (kernel, stride); the last one halves or doubles the map.
_BLOCK = ((3, 1), (3, 1), (4, 2))
_EPSILON = 1e-6
FILTERS = (32, 64, 128, 256)


@registry.encoder
def style_encoder(
    input_tensor: KerasTensor,
    num_latent: int,
    is_training: bool = True,
    filters: Sequence[int] = FILTERS,
    units: int = 256,
) -> tuple[KerasTensor, KerasTensor]:
    """Convolutional encoder with instance normalisation; gin: `encoder.encoder_fn = @style_encoder`.

    For each number of filters three convolutions of kernels 3, 3, 4 and strides 1, 1, 2, without
    bias, each followed by instance normalisation (epsilon 1e-6, with scale and offset) and leaky
    relu of slope 0.2; then two dense layers with relu and a linear one. Initial weights are
    PyTorch's. A map of less than 4 pixels is not halved further, since instance normalisation
    would leave nothing of a single pixel. 279 million multiply-adds for an image of 64x64x3.

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
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378
        (its published code: the large encoder).
    """
    del is_training
    check_size("style_encoder", *input_tensor.shape[1:3])
    x = input_tensor
    for stage, width in enumerate(filters, start=1):
        for index, (kernel_size, strides) in enumerate(_BLOCK, start=1):
            name = f"e{stage}_{index}"
            strides = strides if min(x.shape[1:3]) >= 4 else 1
            x = torch.conv2d(x, width, kernel_size, name, strides, use_bias=False)
            x = torch.instance_norm(x, _EPSILON, affine=True, name=f"{name}_norm")
            x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Flatten()(x)
    for index in (1, 2):
        x = torch.dense(x, units, f"dense{index}", "relu")
    return torch.dense(x, num_latent, "means"), torch.dense(x, num_latent, "log_var")


@registry.decoder
def style_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    filters: Sequence[int] = FILTERS[::-1],
    units: int = 256,
) -> KerasTensor:
    """Decoder of a learned map that the code modulates; gin: `decoder.decoder_fn = @style_decoder`.

    The code passes two dense layers with relu: the style w. A learned map of a 16th of the image's
    height and width passes, for each number of filters, three transposed convolutions of kernels
    3, 3, 4 and strides 1, 1, 2, without bias. Each is followed by leaky relu of slope 0.2, instance
    normalisation (epsilon 1e-6) and x * scale + offset, where [scale, offset] = relu(Dense(w)), so
    that both are 0 or more. A last convolution of kernel 3 without bias gives the logits. Initial
    weights are Equinox's. If a height or width is no multiple of 16, the image is the middle of
    the next larger one. 175 million multiply-adds for an image of 64x64x3.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters.
        units: number of units of the dense layers.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        As for `style_encoder`.
    """
    del is_training
    height, width, channels = output_shape
    check_size("style_decoder", height, width)
    style = latent_tensor
    for index in (1, 2):
        style = torch.dense(style, units, f"dense{index}", "relu")
    rows, columns = map_to_double(height, width, len(filters))
    x = LearnedInput(rows, columns, filters[0], 0.1, name="learned_input")(latent_tensor)
    for stage, num in enumerate(filters, start=1):
        for index, (kernel_size, strides) in enumerate(_BLOCK, start=1):
            name = f"d{stage}_{index}"
            x = torch.conv2d_transpose(x, num, kernel_size, name, strides)
            x = layers.LeakyReLU(negative_slope=0.2)(x)
            x = torch.instance_norm(x, _EPSILON, affine=False, name=f"{name}_norm")
            scale, offset = modulation(torch.dense(style, 2 * num, f"{name}_style", "relu"))
            x = layers.Add()([layers.Multiply()([x, scale]), offset])
    x = torch.conv2d(x, channels, 3, "output", use_bias=False)
    return crop_to(x, height, width)


def modulation(style: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
    """Splits `[batch, 2 * channels]` into scale and offset, each `[batch, 1, 1, channels]`."""
    size = style.shape[-1] // 2
    both = layers.Reshape((1, 1, 2 * size))(style)
    scale, offset = keras.ops.split(both, 2, axis=-1)
    return scale, offset
