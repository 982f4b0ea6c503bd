"""Maxima over square regions of feature maps."""

from collections.abc import Sequence

import tensorflow as tf


def regional_max(
    maps: tf.Tensor, kernels: Sequence[int], strides: Sequence[int], whole_map: bool = True
) -> tf.Tensor:
    """Max-pools feature maps with several kernels, without padding, and lists the regions.

    Args:
        maps: floats `[batch, height, width, channels]` of static height, width and channels.
        kernels: sides of the square regions.
        strides: distances between neighbouring regions, one for each kernel.
        whole_map: whether the whole map is a further region, the last one.

    Returns:
        `[batch, regions, channels]`: kernel by kernel, row by row.

    Raises:
        ValueError: kernels and strides that differ in number or are below 1, no region, or a kernel
            that is larger than the map.

    Example:
        >>> maps = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
        >>> regional_max(maps, kernels=[2], strides=[1])[0, :, 0].numpy().tolist()
        [4.0, 5.0, 7.0, 8.0, 8.0]
    """
    maps = tf.convert_to_tensor(maps)
    check_regions(kernels, strides, whole_map, tuple(maps.shape[1:3]))
    channels = maps.shape[-1]
    regions = []
    for kernel, stride in zip(kernels, strides, strict=True):
        pooled = tf.nn.max_pool2d(maps, kernel, stride, "VALID")
        regions.append(tf.reshape(pooled, [-1, pooled.shape[1] * pooled.shape[2], channels]))
    if whole_map:
        regions.append(tf.reduce_max(maps, axis=[1, 2])[:, None])
    return tf.concat(regions, axis=1)


def check_regions(
    kernels: Sequence[int],
    strides: Sequence[int],
    whole_map: bool,
    map_size: tuple[int, int] | None = None,
) -> None:
    """Raises ValueError unless `regional_max` takes these regions for maps of that size."""
    if len(kernels) != len(strides) or any(size < 1 for size in [*kernels, *strides]):
        raise ValueError(
            "Expected kernels and strides of 1 or more, as many strides as kernels. Received: "
            f"kernels={tuple(kernels)}, strides={tuple(strides)}."
        )
    if not kernels and not whole_map:
        raise ValueError("Expected at least one kernel, or whole_map=True. Received: no region.")
    if kernels and map_size and max(kernels) > min(map_size):
        raise ValueError(
            f"Expected kernels that fit into feature maps of {map_size[0]}x{map_size[1]}. Received: "
            f"kernels={tuple(kernels)}. Use smaller kernels (kernels=[1], strides=[1]), an earlier "
            "layer of the backbone, or larger images (the backbone's resize_to)."
        )
