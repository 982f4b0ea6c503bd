"""Global average and global maximum of feature maps."""

import keras

from tfdis import registry


@registry.pooling("global_average")
class GlobalAverage(keras.layers.Layer):
    """Mean of each channel over the positions: maps `[batch, h, w, c]` to features `[batch, c]`.

    Example:
        >>> GlobalAverage()(keras.ops.reshape(keras.ops.arange(4.0), (1, 2, 2, 1))).numpy().tolist()
        [[1.5]]
    """

    def call(self, maps: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Returns `[batch, c]`."""
        return keras.ops.mean(maps, axis=(1, 2))


@registry.pooling("global_max")
class GlobalMax(keras.layers.Layer):
    """Largest value of each channel: maps `[batch, h, w, c]` to features `[batch, c]`.

    Example:
        >>> GlobalMax()(keras.ops.reshape(keras.ops.arange(4.0), (1, 2, 2, 1))).numpy().tolist()
        [[3.0]]
    """

    def call(self, maps: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Returns `[batch, c]`."""
        return keras.ops.max(maps, axis=(1, 2))
