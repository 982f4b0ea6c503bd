"""The one-layer networks that disentanglement_lib's study "test" names."""

import math
from collections.abc import Sequence

import gin
from keras import KerasTensor, layers

_MODULE = "tfdis.dlib"


@gin.configurable(
    "test_encoder", module=_MODULE, denylist=["input_tensor", "num_latent", "is_training"]
)
def linear_encoder(
    input_tensor: KerasTensor, num_latent: int, is_training: bool = True
) -> tuple[KerasTensor, KerasTensor]:
    """Linear Gaussian encoder; gin: `encoder.encoder_fn = @test_encoder`.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.
    """
    del is_training
    x = layers.Flatten()(input_tensor)
    return layers.Dense(num_latent, name="e1")(x), layers.Dense(num_latent, name="e2")(x)


@gin.configurable(
    "test_decoder", module=_MODULE, denylist=["latent_tensor", "output_shape", "is_training"]
)
def linear_decoder(
    latent_tensor: KerasTensor, output_shape: Sequence[int], is_training: bool = True
) -> KerasTensor:
    """Linear decoder; gin: `decoder.decoder_fn = @test_decoder`.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels).
        is_training: accepted for the common signature; this network does not use it.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.
    """
    del is_training
    x = layers.Dense(math.prod(output_shape), name="d1")(latent_tensor)
    return layers.Reshape(tuple(output_shape))(x)
