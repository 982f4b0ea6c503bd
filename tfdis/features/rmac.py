"""RMAC: regional maximum activations of convolutions."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfdis import ops, registry


@registry.pooling("rmac")
class RMAC(keras.layers.Layer):
    """Sum of the normalised maxima of regions, itself normalised.

    f = l2(sum_r l2(max_{p in r} maps_p)), with the regions r of max-pools of several kernels and
    strides without padding, and the whole map. On maps of 7x7 the defaults are 49 + 9 + 4 + 1 = 63
    regions. The norm of a zero vector is taken as 1, so that it stays zero.

    Args:
        kernels: sides of the square regions, none larger than the maps.
        strides: strides of the kernels, one for each.
        whole_map: whether the whole map is a region too, which is a global max-pool.
        **kwargs: keyword arguments of `keras.layers.Layer`.

    Raises:
        ValueError: no region, or a kernel that does not fit into the maps.

    Example:
        >>> RMAC()(keras.ops.ones((2, 7, 7, 4)))[0].numpy().tolist()
        [0.5, 0.5, 0.5, 0.5]

    References:
        Tolias et al. (2015), "Particular object retrieval with integral max-pooling of CNN
        activations". arXiv:1511.05879.
        Seitzer (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement through
        Aggregated Convolutional Feature Maps". arXiv:2002.10003 (the regions).
    """

    def __init__(
        self,
        kernels: Sequence[int] = (1, 3, 5),
        strides: Sequence[int] = (1, 2, 2),
        whole_map: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        ops.check_regions(kernels, strides, whole_map)
        self.kernels, self.strides = tuple(kernels), tuple(strides)
        self.whole_map = whole_map

    def build(self, maps_shape: Sequence[int | None]) -> None:
        """Checks that the kernels fit."""
        ops.check_regions(self.kernels, self.strides, self.whole_map, tuple(maps_shape[1:3]))

    def regions(self, maps: tf.Tensor) -> tf.Tensor:
        """Returns the normalised maxima `[batch, regions, c]` of maps `[batch, h, w, c]`."""
        return ops.l2_normalize(ops.regional_max(maps, self.kernels, self.strides, self.whole_map))

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns `[batch, c]`, of norm 1 or 0."""
        return ops.l2_normalize(tf.reduce_sum(self.regions(maps), axis=1))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        own = {"kernels": self.kernels, "strides": self.strides, "whole_map": self.whole_map}
        return {**super().get_config(), **own}
