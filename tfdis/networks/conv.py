"""The convolutional networks of the beta-VAE paper, as disentanglement_lib defines them."""

from collections.abc import Sequence

from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks.image_size import check_size, crop_to, map_to_double
from tfdis.networks.layers import Conv2DTranspose


@registry.encoder
def conv_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True, halvings: int = 4
) -> tuple[KerasTensor, KerasTensor]:
    """Convolutional Gaussian encoder; gin: `encoder.encoder_fn = @conv_encoder`.

    Convolutions of 32, 32, 64, 64 filters, kernels 4, 4, 2, 2, stride 2, "same", relu; Dense 256
    relu; one linear layer each for means and log variances.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.
        halvings: number of convolutions, at least 4; beyond 4 they are of 64 filters and kernel 2. With 5
            images of 128x128 end in a map of 4x4, as those of 64x64 do with 4.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    Raises:
        ValueError: fewer than 4 halvings.

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR (table 1, row 3). Kernel sizes of the last two layers are those
        of disentanglement_lib.
    """
    del is_training
    _check_halvings("conv_encoder", halvings)
    x = input_tensor
    stages = [(32, 4), (32, 4), (64, 2), (64, 2), *[(64, 2)] * (halvings - 4)]
    for index, (filters, kernel_size) in enumerate(stages, start=1):
        x = layers.Conv2D(
            filters, kernel_size, strides=2, padding="same", activation="relu", name=f"e{index}"
        )(x)
    x = layers.Dense(256, activation="relu", name=f"e{halvings + 1}")(layers.Flatten()(x))
    return layers.Dense(num_latent, name="means")(x), layers.Dense(num_latent, name="log_var")(x)


@registry.decoder
def deconv_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    halvings: int = 4,
) -> KerasTensor:
    """Deconvolutional decoder; gin: `decoder.decoder_fn = @deconv_decoder`.

    Dense 256 and Dense h/16 * w/16 * 64 relu, then transposed convolutions of 64, 32, 32 filters
    (kernel 4, stride 2, "same", relu) and a last one to the image's channels (linear: logits). For
    64x64 images the second Dense has 1024 units. If a height or width is no multiple of 16, the
    image is the middle of the next larger one.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.
        halvings: number of transposed convolutions, at least 4; beyond 4 the first ones are of 64
            filters. With 5 images of 128x128 start from a map of 4x4; it then is 32 where 16 stands
            above.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8, or fewer than 4 halvings.

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR (table 1, row 3).
    """
    del is_training
    height, width, channels = output_shape
    check_size("deconv_decoder", height, width)
    _check_halvings("deconv_decoder", halvings)
    rows, columns = map_to_double(height, width, halvings)
    x = layers.Dense(256, activation="relu", name="d1")(latent_tensor)
    x = layers.Dense(rows * columns * 64, activation="relu", name="d2")(x)
    x = layers.Reshape((rows, columns, 64))(x)
    for index, filters in enumerate([*[64] * (halvings - 3), 32, 32], start=3):
        x = Conv2DTranspose(
            filters, 4, strides=2, padding="same", activation="relu", name=f"d{index}"
        )(x)
    x = Conv2DTranspose(channels, 4, strides=2, padding="same", name=f"d{halvings + 2}")(x)
    return crop_to(x, height, width)


def _check_halvings(network, halvings):
    if not (isinstance(halvings, int) and halvings >= 4):
        raise ValueError(
            f"{network}: expected halvings to be an integer of at least 4. Received: {halvings!r}."
        )
