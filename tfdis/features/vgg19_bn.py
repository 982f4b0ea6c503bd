"""VGG19 with batch normalisation, in torchvision's layer order."""

from collections.abc import Iterator

import keras
from keras import layers

# (filters, number of convolutions) of each block; a max-pool of 2 ends each.
BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


def layer_names() -> Iterator[tuple[str, str, int]]:
    """Yields (name of a convolution, name of its batch normalisation, filters), from the input on."""
    for block, (filters, num_convolutions) in enumerate(BLOCKS, start=1):
        for index in range(1, num_convolutions + 1):
            yield f"block{block}_conv{index}", f"block{block}_bn{index}", filters


def build_vgg19_bn(input_shape: tuple[int, int, int]) -> keras.Model:
    """Builds the convolutional part, with random weights, for preprocessed images.

    Five blocks of [convolution 3x3 same with bias -> batch normalisation (epsilon 1e-5) -> relu],
    each ended by a max-pool of 2: the sides of the last feature maps are 1/32 of the image's, with
    512 channels.

    Args:
        input_shape: (height, width, 3), with sides of 32 or more.

    Returns:
        Model from images `[batch, height, width, 3]` to maps `[batch, height / 32, width / 32,
        512]`.

    Raises:
        ValueError: a side below 32.

    References:
        Simonyan and Zisserman (2015), "Very Deep Convolutional Networks for Large-Scale Image
        Recognition", ICLR. arXiv:1409.1556 (configuration E).
    """
    if min(input_shape[:2]) < 32:
        raise ValueError(f"Expected images of 32x32 or more for vgg19_bn. Received: {input_shape}.")
    x = images = keras.Input(input_shape, name="preprocessed")
    names = layer_names()
    for block, (_, num_convolutions) in enumerate(BLOCKS, start=1):
        for index in range(1, num_convolutions + 1):
            convolution, normalisation, filters = next(names)
            x = layers.Conv2D(
                filters, 3, padding="same", kernel_initializer="he_normal", name=convolution
            )(x)
            x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=normalisation)(x)
            x = layers.ReLU(name=f"block{block}_relu{index}")(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    return keras.Model(images, x, name="vgg19_bn_layers")
