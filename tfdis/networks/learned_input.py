"""The learned map that a decoder starts from whatever the code, which only modulates what follows."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfdis")
class LearnedInput(keras.layers.Layer):
    """One trained map `[height, width, channels]`, the same for every row of a batch.

    Args:
        height: rows of the map.
        width: columns of the map.
        channels: channels of the map.
        value: what all its numbers are at the start.
        **kwargs: keyword arguments of `keras.layers.Layer`.
    """

    def __init__(self, height: int, width: int, channels: int, value: float, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"height": height, "width": width, "channels": channels, "value": value}
        self.constant = self.add_weight(
            shape=(height, width, channels),
            initializer=keras.initializers.Constant(value),
            name="constant",
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """The map for each row of `inputs` `[batch, ...]`, `[batch, height, width, channels]`."""
        constant = ops.cast(self.constant, self.compute_dtype)[None]
        return ops.tile(constant, (ops.shape(inputs)[0], 1, 1, 1))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.settings
