"""The fully connected networks of the beta-VAE paper, as disentanglement_lib defines them."""

import math
from collections.abc import Sequence

from keras import KerasTensor, layers

from tfdis import registry


@registry.encoder
def fc_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True
) -> tuple[KerasTensor, KerasTensor]:
    """Fully connected Gaussian encoder: Dense 1200, 1200 relu; gin: `encoder.encoder_fn = @fc_encoder`.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR (table 1, row 1).
    """
    del is_training
    x = layers.Dense(1200, activation="relu", name="e1")(layers.Flatten()(input_tensor))
    x = layers.Dense(1200, activation="relu", name="e2")(x)
    return layers.Dense(num_latent, name="means")(x), layers.Dense(num_latent, name="log_var")(x)


@registry.decoder
def fc_decoder(
    latent_tensor: KerasTensor, output_shape: Sequence[int], is_training: bool = True
) -> KerasTensor:
    """Fully connected decoder: Dense 1200 x3 tanh, then logits; gin: `decoder.decoder_fn = @fc_decoder`.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels).
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR (table 1, row 1).
    """
    del is_training
    x = latent_tensor
    for index in (1, 2, 3):
        x = layers.Dense(1200, activation="tanh", name=f"d{index}")(x)
    x = layers.Dense(math.prod(output_shape), name="d4")(x)
    return layers.Reshape(tuple(output_shape))(x)
