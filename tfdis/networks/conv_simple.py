"""The padded convolutional encoder of Disentanglement-PyTorch."""

from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks.conv_padless import gaussian_head
from tfdis.networks.normal_layers import conv2d


@registry.encoder
def conv_simple_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True
) -> tuple[KerasTensor, KerasTensor]:
    """Convolutional encoder down to one pixel; gin: `encoder.encoder_fn = @conv_simple_encoder`.

    Convolutions of 32, 32, 64, 128, 256, 256 filters, kernel 4, stride 2, "same", relu (64x64
    images end in a 1x1 map of 256 channels); one linear layer for means and log variances. The
    library's decoder for it is `conv_padless_decoder`. Initial weights are those of
    `conv_padless_encoder`.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`; 64x64 in the paper.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    References:
        Abdi et al. (2019), "Variational Learning with Disentanglement-PyTorch". arXiv:1912.05184
        (its published code: SimpleGaussianConv64).
    """
    del is_training
    x = input_tensor
    for index, filters in enumerate([32, 32, 64, 128, 256, 256], start=1):
        x = conv2d(x, filters, 4, name=f"e{index}", padding="same")
    return gaussian_head(layers.Flatten()(x), num_latent)
