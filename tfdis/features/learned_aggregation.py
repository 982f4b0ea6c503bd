"""Learned aggregation of feature maps: three small convolutions, flattened and normalised."""

from collections.abc import Sequence

import keras
from keras import layers

from tfdis import ops, registry
from tfdis.networks.initializers import pytorch_weights

_INITIALIZERS = {
    "he_uniform": keras.initializers.HeUniform,
    "pytorch": pytorch_weights,
}


@registry.pooling("learned_aggregation")
class LearnedAggregation(keras.layers.Layer):
    """Trained aggregation: [channel dropout -> convolution -> batch normalisation -> relu] x 3, flat, l2.

    With the defaults, maps of 2x2 become 512 features. Convolutions have stride 1, no padding and no
    bias; batch normalisation has epsilon 1e-5 and momentum 0.9.

    Args:
        filters: numbers of filters of the convolutions.
        kernels: sides of the kernels of the convolutions.
        dropout_rate: fraction of whole channels that is dropped before each convolution.
        initializer: initialiser of the convolutions: "he_uniform" (the paper) or "pytorch" (the
            authors' code).
        **kwargs: keyword arguments of `keras.layers.Layer`.

    Raises:
        ValueError: an unknown initialiser, or maps smaller than the kernels need.

    Example:
        >>> LearnedAggregation(filters=(8, 8, 4))(keras.ops.ones((3, 2, 2, 16))).shape.as_list()
        [3, 4]

    References:
        Seitzer et al. (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement
        through Learned Aggregation of Convolutional Feature Maps". arXiv:2002.12356 (section 2.1).
    """

    def __init__(
        self,
        filters: Sequence[int] = (1024, 2048, 512),
        kernels: Sequence[int] = (1, 2, 1),
        dropout_rate: float = 0.1,
        initializer: str = "he_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if initializer not in _INITIALIZERS:
            raise ValueError(
                f"LearnedAggregation: expected initializer to be one of {', '.join(_INITIALIZERS)}. "
                f"Received: {initializer!r}."
            )
        if len(filters) != len(kernels) or not filters:
            raise ValueError(
                "LearnedAggregation: expected as many filters as kernels, one or more. Received: "
                f"filters={tuple(filters)}, kernels={tuple(kernels)}."
            )
        self.filters, self.kernels = tuple(filters), tuple(kernels)
        self.dropout_rate, self.initializer = dropout_rate, initializer
        self.stack = [
            layer for pair in zip(filters, kernels, strict=True) for layer in self._block(*pair)
        ]

    def _block(self, filters, kernel):
        dtype = self.dtype_policy
        return [
            layers.SpatialDropout2D(self.dropout_rate, dtype=dtype),
            layers.Conv2D(
                filters,
                kernel,
                use_bias=False,
                kernel_initializer=_INITIALIZERS[self.initializer](),
                dtype=dtype,
            ),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-5, dtype=dtype),
            layers.ReLU(dtype=dtype),
        ]

    def build(self, maps_shape: Sequence[int | None]) -> None:
        """Creates the weights, after a check of the maps' size."""
        needed = 1 + sum(kernel - 1 for kernel in self.kernels)
        if min(maps_shape[1:3]) < needed:
            raise ValueError(
                f"LearnedAggregation: expected feature maps of {needed}x{needed} or more for "
                f"kernels={self.kernels}. Received: {maps_shape[1]}x{maps_shape[2]}. Use smaller "
                "kernels, larger images (the backbone's resize_to) or an earlier layer."
            )
        for layer in self.stack:
            layer.build(maps_shape)
            maps_shape = layer.compute_output_shape(maps_shape)

    def call(self, maps: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Returns `[batch, D]`, of norm 1 or 0."""
        for layer in self.stack:
            # Only dropout and batch normalisation differ in training.
            maps = layer(maps, training=training) if _differs(layer) else layer(maps)
        height, width, channels = maps.shape[1:]
        return ops.l2_normalize(keras.ops.reshape(maps, (-1, height * width * channels)))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        names = ("filters", "kernels", "dropout_rate", "initializer")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _differs(layer):
    return isinstance(layer, layers.SpatialDropout2D | layers.BatchNormalization)
