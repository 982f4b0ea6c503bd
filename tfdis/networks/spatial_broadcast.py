"""The spatial-broadcast decoder."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks.image_size import check_size
from tfdis.networks.initializers import he_uniform, pytorch_biases


@registry.decoder
def spatial_broadcast_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    filters: Sequence[int] = (64, 64, 64, 64),
    kernel_size: int = 5,
) -> KerasTensor:
    """Decoder that sees the code at every pixel; gin: `decoder.decoder_fn = @spatial_broadcast_decoder`.

    The code is repeated at every pixel, beside the pixel's x and y from -1 to 1; convolutions of stride
    1, "same", with relu follow, and one to the image's channels. Weights are He's uniform ones,
    biases PyTorch's. 1.36 billion multiply-adds for an image of 64x64x3, 85 times those of
    `deconv_decoder` and its encoder together.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters of all convolutions but the last.
        kernel_size: kernel of all convolutions, in pixels; 5 as in the published code of HFS.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        Watters et al. (2019), "Spatial Broadcast Decoder: A Simple Architecture for Learning
        Disentangled Representations in VAEs". arXiv:1901.07017.
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347 (the sizes, those of its published code).
    """
    del is_training
    height, width, channels = output_shape
    check_size("spatial_broadcast_decoder", height, width)
    x = Broadcast(height, width, name="broadcast")(latent_tensor)
    for index, num in enumerate([*filters, channels], start=1):
        last = index > len(filters)
        x = layers.Conv2D(
            num,
            kernel_size,
            padding="same",
            activation=None if last else "relu",
            kernel_initializer=he_uniform(),
            bias_initializer=pytorch_biases(kernel_size**2 * x.shape[-1]),
            name="output" if last else f"d{index}",
        )(x)
    return x


@keras.saving.register_keras_serializable(package="tfdis")
class Broadcast(keras.layers.Layer):
    """Repeats codes `[batch, latent]` at every pixel and appends the pixel's x and y.

    Args:
        height: rows of the image.
        width: columns of the image.
        **kwargs: keyword arguments of `keras.layers.Layer`.
    """

    def __init__(self, height: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.height, self.width = height, width

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """`[batch, height, width, latent + 2]`; the last two are x and y, from -1 to 1."""
        x, y = np.meshgrid(np.linspace(-1, 1, self.width), np.linspace(-1, 1, self.height))
        places = keras.ops.cast(np.stack([x, y], axis=-1)[None], inputs.dtype)
        places = keras.ops.tile(places, (keras.ops.shape(inputs)[0], 1, 1, 1))
        repeated = keras.ops.tile(inputs[:, None, None], (1, self.height, self.width, 1))
        return keras.ops.concatenate([repeated, places], axis=-1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"height": self.height, "width": self.width}
