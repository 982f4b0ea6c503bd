"""Networks that classify labels from images and from codes, initialised as in Disentanglement-PyTorch."""

from collections.abc import Sequence

import keras
from keras import layers

from tfdis.networks.build import check_latent_dim
from tfdis.networks.normal_layers import conv2d, dense


def build_label_encoder(image_shape: Sequence[int], num_classes: int) -> keras.Model:
    """Convolutional classifier of images: `conv_simple`'s convolutions, then a Dense layer of logits.

    Args:
        image_shape: (height, width, channels).
        num_classes: number of logits.

    Returns:
        Model from images to float32 `[batch, num_classes]` logits.
    """
    images = keras.Input(tuple(image_shape), name="images")
    x = images
    for filters in (32, 32, 64, 128, 256, 256):
        x = conv2d(x, filters, 4, padding="same")
    logits = dense(layers.Flatten()(x), num_classes, dtype="float32")
    return keras.Model(images, logits, name="label_encoder")


def build_label_discriminator(
    latent_dim: int, num_classes: int, num_hidden: int = 5
) -> keras.Model:
    """Classifier of codes: hidden layers of Dense 1000 and leaky relu 0.2, then a Dense layer of logits.

    Args:
        latent_dim: number of latents.
        num_classes: number of logits.
        num_hidden: number of hidden layers; 5 in Disentanglement-PyTorch.

    Returns:
        Model from `[batch, latent]` codes to float32 `[batch, num_classes]` logits.
    """
    check_latent_dim(latent_dim)
    z = keras.Input((latent_dim,), name="latent_vectors")
    x = z
    for _ in range(num_hidden):
        x = layers.LeakyReLU(negative_slope=0.2)(dense(x, 1000))
    logits = dense(x, num_classes, dtype="float32")
    return keras.Model(z, logits, name="label_discriminator")
