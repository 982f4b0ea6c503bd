"""Preprocessing inside the model: from images in [0, 1] to what a backbone was trained on."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

# Statistics of ImageNet's pixels: caffe's in BGR order and 0..255, torch's in RGB order and 0..1.
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_STD = (0.229, 0.224, 0.225)
MODES = ("caffe", "tf", "torch", "pixels")


@keras.saving.register_keras_serializable(package="tfdis")
class Preprocessing(keras.layers.Layer):
    """Turns float images in [0, 1] into the input of a pretrained backbone.

    First grey images are repeated to three channels, then images are resized bilinearly (half-pixel
    centres, no anti-aliasing), then, by mode:

      caffe: 255 x in BGR order minus the mean colour (VGG16, VGG19, ResNet50 of Keras).
      tf: 2 x - 1 (MobileNet, Inception, Xception, ResNet50V2).
      torch: (x - mean) / std for each channel (DenseNet, and PyTorch's models).
      pixels: 255 x (EfficientNet, ConvNeXt, MobileNetV3, which do the rest themselves).

    Args:
        mode: one of the four above.
        resize_to: (height, width), one number for both, or None for the images' own size.
        grey_to_rgb: whether images of one channel are repeated to three.
        **kwargs: keyword arguments of `keras.layers.Layer`; the layer computes in float32 unless a
            `dtype` is given.

    Raises:
        ValueError: an unknown mode, a size below 1, or images with another number of channels than
            3.

    Example:
        >>> Preprocessing("tf", grey_to_rgb=True)(np.full((1, 1, 1, 1), 0.75)).numpy().tolist()
        [[[[0.5, 0.5, 0.5]]]]
    """

    def __init__(
        self,
        mode: str,
        resize_to: int | Sequence[int] | None = None,
        grey_to_rgb: bool = False,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        if mode not in MODES:
            raise ValueError(
                f"Preprocessing: expected mode to be one of {', '.join(MODES)}. Received: {mode!r}."
            )
        self.mode = mode
        self.resize_to = _size(resize_to)
        self.grey_to_rgb = grey_to_rgb

    def build(self, images_shape: Sequence[int | None]) -> None:
        """Checks the number of channels."""
        self.compute_output_shape(images_shape)

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Returns float32 `[batch, height, width, 3]` of images `[batch, height, width, 1 or 3]`."""
        if images.shape[-1] == 1 and self.grey_to_rgb:
            images = tf.tile(images, [1, 1, 1, 3])
        if self.resize_to is not None and self.resize_to != tuple(images.shape[1:3]):
            images = tf.image.resize(images, self.resize_to, "bilinear", antialias=False)
        if self.mode == "tf":
            return 2.0 * images - 1.0
        if self.mode == "torch":
            return (images - np.float32(TORCH_MEAN)) / np.float32(TORCH_STD)
        pixels = 255.0 * images
        return pixels if self.mode == "pixels" else pixels[..., ::-1] - np.float32(CAFFE_MEAN_BGR)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Shape of the preprocessed images; refuses images of another number of channels."""
        channels = input_shape[-1]
        if channels == 1 and not self.grey_to_rgb:
            raise ValueError(
                "Preprocessing: expected images with 3 channels. Received: 1 channel. Set "
                "grey_to_rgb=True (in gin: <backbone>.grey_to_rgb = True) to repeat it three times."
            )
        if channels not in (1, 3):
            raise ValueError(
                f"Preprocessing: expected images with 3 channels (or 1). Received: {channels}."
            )
        return (input_shape[0], *(self.resize_to or input_shape[1:3]), 3)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        own = {
            "mode": self.mode,
            "resize_to": self.resize_to,
            "grey_to_rgb": self.grey_to_rgb,
        }
        return {**super().get_config(), **own}


def _size(resize_to):
    if resize_to is None:
        return None
    size = (resize_to, resize_to) if isinstance(resize_to, int) else tuple(resize_to)
    is_integer = all(isinstance(s, int) and not isinstance(s, bool) and s >= 1 for s in size)
    if len(size) != 2 or not is_integer:
        raise ValueError(
            "Preprocessing: expected resize_to to be None, a size in pixels or (height, width). "
            f"Received: {resize_to!r}."
        )
    return size
