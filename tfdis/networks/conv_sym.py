"""The symmetric convolutional networks of the reconstruction-loss paper."""

from collections.abc import Sequence

from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks.image_size import check_size, crop_to, map_to_double, pad_to
from tfdis.networks.initializers import glorot_normal


@registry.encoder
def conv_sym_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True, zero_padding: bool = None
) -> tuple[KerasTensor, KerasTensor]:
    """Convolutional encoder with 4x4 kernels throughout; gin: `encoder.encoder_fn = @conv_sym_encoder`.

    Convolutions of 32, 32, 64, 64 filters, kernel 4, stride 2, relu; Dense 256 relu; one linear
    layer each for means and log variances. Weights are plain normals of variance 2 / (fan_in +
    fan_out); biases are 0.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`; 64x64 in the paper.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.
        zero_padding: None for "same" convolutions (64x64 images: maps of 32, 16, 8, 4), or the
            number of zeros on every side; the authors' code has 2 (33, 17, 9, 5), the paper does
            not say.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    Raises:
        ValueError: a padding that is neither None nor an integer of at least 1.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix C.1, table 3).
    """
    del is_training
    if zero_padding is not None and not zero_padding >= 1:
        raise ValueError(
            "conv_sym_encoder: expected zero_padding to be None or at least 1. Received: "
            f"{zero_padding!r}."
        )
    # One zero on every side leaves nothing of a small image after four convolutions.
    x = pad_to(input_tensor, 16) if zero_padding == 1 else input_tensor
    for index, filters in enumerate([32, 32, 64, 64], start=1):
        if zero_padding is not None:
            x = layers.ZeroPadding2D(zero_padding, name=f"p{index}")(x)
        x = layers.Conv2D(
            filters,
            4,
            strides=2,
            padding="same" if zero_padding is None else "valid",
            activation="relu",
            kernel_initializer=glorot_normal(),
            name=f"e{index}",
        )(x)
    x = _dense(layers.Flatten()(x), 256, "e5", activation="relu")
    return _dense(x, num_latent, "means"), _dense(x, num_latent, "log_var")


@registry.decoder
def conv_sym_decoder(
    latent_tensor: KerasTensor, output_shape: Sequence[int], is_training: bool = True
) -> KerasTensor:
    """Deconvolutional decoder; gin: `decoder.decoder_fn = @conv_sym_decoder`.

    The layers of `deconv_decoder` (Dense 256, Dense h/16 * w/16 * 64, transposed convolutions of
    64, 32, 32 filters and the image's channels, kernel 4, stride 2; linear output) with the initial
    weights of `conv_sym_encoder`. As there, an image whose size is no multiple of 16 is the middle
    of a larger one.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix C.1, table 3).
    """
    del is_training
    height, width, channels = output_shape
    check_size("conv_sym_decoder", height, width)
    rows, columns = map_to_double(height, width, 4)
    x = _dense(latent_tensor, 256, "d1", activation="relu")
    x = _dense(x, rows * columns * 64, "d2", activation="relu")
    x = layers.Reshape((rows, columns, 64))(x)
    for index, filters in enumerate([64, 32, 32], start=3):
        x = _conv2d_transpose(x, filters, f"d{index}", activation="relu")
    return crop_to(_conv2d_transpose(x, channels, "d6"), height, width)


def _dense(x, units, name, activation=None):
    return layers.Dense(
        units, activation=activation, kernel_initializer=glorot_normal(), name=name
    )(x)


def _conv2d_transpose(x, filters, name, activation=None):
    return layers.Conv2DTranspose(
        filters,
        4,
        strides=2,
        padding="same",
        activation=activation,
        kernel_initializer=glorot_normal(),
        name=name,
    )(x)
