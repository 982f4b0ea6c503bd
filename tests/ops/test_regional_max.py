"""Regional maxima against loops over windows."""

import numpy as np
import pytest

from tfdis import ops


def windows(height, width, kernel, stride):
    """Corners of the windows that lie inside."""
    return [
        (row, column)
        for row in range(0, height - kernel + 1, stride)
        for column in range(0, width - kernel + 1, stride)
    ]


@pytest.mark.parametrize(
    ("size", "kernels", "strides", "num_regions"),
    [
        ((7, 7), (1, 3, 5), (1, 2, 2), 63),
        ((2, 2), (1,), (1,), 5),
        ((5, 8), (2, 4), (3, 1), 2 * 3 + 2 * 5 + 1),
        ((3, 3), (), (), 1),
    ],
)
def test_regions_are_the_maxima_of_windows(size, kernels, strides, num_regions):
    maps = np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    expected = [
        maps[:, r : r + kernel, c : c + kernel].max(axis=(1, 2))
        for kernel, stride in zip(kernels, strides, strict=True)
        for r, c in windows(*size, kernel, stride)
    ]
    expected.append(maps.max(axis=(1, 2)))
    actual = ops.regional_max(maps, kernels, strides).numpy()
    assert actual.shape == (2, num_regions, 3)
    np.testing.assert_array_equal(actual, np.stack(expected, axis=1))


@pytest.mark.parametrize(
    ("kernels", "strides", "whole_map", "message"),
    [
        ((1, 3), (1,), True, "as many strides as kernels"),
        ((0,), (1,), True, "of 1 or more"),
        ((), (), False, "at least one kernel"),
        ((1, 3), (1, 1), True, "feature maps of 2x4"),
    ],
)
def test_no_regions_are_refused(kernels, strides, whole_map, message):
    with pytest.raises(ValueError, match=message):
        ops.regional_max(np.zeros((1, 2, 4, 1), "float32"), kernels, strides, whole_map)
