"""Sinusoidal encoding of the position, added to feature maps."""

import gin
import keras
import numpy as np


@keras.saving.register_keras_serializable(package="tfdis")
class PositionalEncoding(keras.layers.Layer):
    """Adds sines and cosines of row and column to feature maps, as before a pooling layer.

    The first half of the channels encodes the row, the second half the column; within a half of d
    channels, channel 2 i is sin(position / 10000^(2 i / d)) and channel 2 i + 1 the cosine of the
    same angle.

    Args:
        scale: factor of the encoding, to match the magnitude of the maps' values.
        **kwargs: keyword arguments of `keras.layers.Layer`.

    Raises:
        ValueError: maps whose number of channels is not divisible by 4.

    Example:
        >>> PositionalEncoding(dtype="float64")(np.zeros((1, 1, 2, 4))).numpy().round(4).tolist()
        [[[[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.8415, 0.5403]]]]

    References:
        Parmar et al. (2018), "Image Transformer", ICML. arXiv:1802.05751.
    """

    def __init__(self, scale: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, maps: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Returns maps of the same shape `[batch, h, w, c]`."""
        encoding = self.scale * positional_encoding(*maps.shape[1:])
        return maps + keras.ops.convert_to_tensor(encoding, maps.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "scale": self.scale}


def positional_encoding(height: int, width: int, channels: int) -> np.ndarray:
    """Returns the encoding float64 `[height, width, channels]` that `PositionalEncoding` adds."""
    if channels % 4:
        raise ValueError(
            "PositionalEncoding: expected a number of channels that 4 divides. Received: "
            f"{channels}."
        )
    half = channels // 2
    frequencies = 10000.0 ** (-np.arange(0, half, 2) / half)

    def encode(num_positions):
        angles = np.arange(num_positions)[:, None] * frequencies
        return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(num_positions, half)

    rows = np.broadcast_to(encode(height)[:, None], (height, width, half))
    columns = np.broadcast_to(encode(width)[None], (height, width, half))
    return np.concatenate([rows, columns], axis=-1)


@gin.configurable("positional_encoding", module="tfdis.features")
def build_positional_encoding(scale: float = 1.0) -> PositionalEncoding:
    """The layer that gin names: `feature_extractor.positional_encoding_fn = @positional_encoding`."""
    return PositionalEncoding(scale)
