"""The unpadded convolutional networks of the study of six VAEs and of Disentanglement-PyTorch."""

import math
from collections.abc import Sequence

from keras import KerasTensor, layers, ops

from tfdis import registry
from tfdis.networks.image_size import check_size, crop_to, pad_to
from tfdis.networks.normal_layers import conv2d, conv2d_transpose, dense

# The smallest size of which five halvings without padding leave one pixel.
_SMALLEST_INPUT = 63


@registry.encoder
def conv_padless_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True
) -> tuple[KerasTensor, KerasTensor]:
    """Unpadded convolutional encoder; gin: `encoder.encoder_fn = @conv_padless_encoder`.

    Convolutions of 32, 32, 64, 128, 256 filters, kernel 3, stride 2, "valid", relu (64x64 images:
    maps of 31, 15, 7, 3, 1); one linear layer for means and log variances. Weights are plain
    normals of variance 2 / (fan_in + fan_out) in convolutions and 2 / fan_in in the dense layer;
    biases have PyTorch's default. Images smaller than 63x63 get zeros around them.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]` of at least 8x8;
            64x64 in the papers.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        Abdi et al. (2019), "A Preliminary Study of Disentanglement With Insights on the Inadequacy
        of Metrics". arXiv:1911.11791 (appendix A.1).
    """
    del is_training
    check_size("conv_padless_encoder", *input_tensor.shape[1:3])
    x = pad_to(input_tensor, _SMALLEST_INPUT)
    for index, filters in enumerate([32, 32, 64, 128, 256], start=1):
        x = conv2d(x, filters, 3, name=f"e{index}")
    return gaussian_head(layers.Flatten()(x), num_latent)


def gaussian_head(x: KerasTensor, num_latent: int) -> tuple[KerasTensor, KerasTensor]:
    """One linear layer: the first half of its outputs are means, the second half log variances."""
    means, log_vars = ops.split(dense(x, 2 * num_latent, name="means_log_var"), 2, axis=-1)
    return means, log_vars


@registry.decoder
def conv_padless_decoder(
    latent_tensor: KerasTensor, output_shape: Sequence[int], is_training: bool = True
) -> KerasTensor:
    """Unpadded deconvolutional decoder; gin: `decoder.decoder_fn = @conv_padless_decoder`.

    The latents become a 1x1 map; a 1x1 convolution of 256 filters follows, then transposed
    convolutions of 256 (kernel 4, stride 2, "same"), 128, 128, 64, 64 (kernel 4, stride 2,
    "valid"), relu, and a last one to the image's channels (kernel 3, stride 1, "valid", linear:
    logits): maps of 1, 2, 6, 14, 30, 62, 64. Initial weights are those of `conv_padless_encoder`. A
    smaller image is the middle of these 64x64 pixels. A larger one starts with a map of n x n,
    which the first convolution makes with 256 filters for each pixel, and is the middle of 32 (n +
    1) pixels in height and width.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8, 64x64 in the
            papers.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        Abdi et al. (2019), "A Preliminary Study of Disentanglement With Insights on the Inadequacy
        of Metrics". arXiv:1911.11791 (appendix A.1).
    """
    del is_training
    height, width, channels = output_shape
    check_size("conv_padless_decoder", height, width)
    rows, columns = (max(1, math.ceil(size / 32) - 1) for size in (height, width))
    x = layers.Reshape((1, 1, latent_tensor.shape[-1]))(latent_tensor)
    x = conv2d(x, rows * columns * 256, 1, name="d1", strides=1)
    if rows * columns > 1:
        x = layers.Reshape((rows, columns, 256))(x)
    x = conv2d_transpose(x, 256, 4, name="d2", padding="same")
    for index, filters in enumerate([128, 128, 64, 64], start=3):
        x = conv2d_transpose(x, filters, 4, name=f"d{index}")
    x = conv2d_transpose(x, channels, 3, name="d7", strides=1, activation=None)
    return crop_to(x, height, width)
