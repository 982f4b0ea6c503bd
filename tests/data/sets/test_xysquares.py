"""XYSquares: places, options, and the closed forms of its mean and deviation."""

import numpy as np
import pytest

from tfdis.data.sets.xysquares import XYSquares

OFFSETS = {8: 0, 7: 3, 6: 7, 5: 10, 4: 14, 3: 17, 2: 21, 1: 24}


@pytest.mark.parametrize("spacing, offset", OFFSETS.items())
def test_squares_are_where_they_should_be(spacing, offset):
    data = XYSquares(spacing)
    factors = np.array([[0, 1, 2, 3, 4, 7], [7, 7, 0, 0, 3, 5]])
    images = data.images_at(data.factors_to_indices(factors))
    for image, row in zip(images, factors, strict=True):
        expected = np.zeros((64, 64, 3), dtype=np.uint8)
        for channel in range(3):
            x, y = (offset + spacing * row[2 * channel + axis] for axis in (0, 1))
            expected[y : y + 8, x : x + 8, channel] = 255
        np.testing.assert_array_equal(image, expected)


def test_mean_and_deviation_have_their_closed_form():
    data = XYSquares()
    images = data.sample_observations(500, np.random.RandomState(0)).astype(np.float64)
    np.testing.assert_allclose(images.mean(axis=(1, 2)), 0.015625, rtol=1e-9)
    deviation = images.std(axis=(1, 2), ddof=1).mean()
    assert deviation == pytest.approx(0.12403473458920855, rel=1e-9)


@pytest.mark.long
def test_distances_have_their_closed_form():
    data = XYSquares()
    draws = np.random.RandomState(0)
    first = data.sample_factors(3000, draws)
    second = first.copy()
    second[:, 2] = (first[:, 2] + draws.randint(1, 8, size=3000)) % 8
    a, b = (
        data.to_observations(data.images_at(data.factors_to_indices(f))) for f in (first, second)
    )
    np.testing.assert_allclose(np.mean((a - b) ** 2, axis=(1, 2, 3)), 2 * 64 / 12288, rtol=1e-6)
    other = data.sample_observations(3000, draws)
    distance = np.mean((a - other) ** 2, axis=(1, 2, 3)).mean()
    assert distance == pytest.approx(3 * 63 / 64 * 2 * 64 / 12288, rel=5e-3)


@pytest.mark.parametrize("spacing, most", [(8, 8), (4, 15), (1, 57)])
def test_as_many_places_as_fit(spacing, most):
    data = XYSquares(spacing, num_placements=None)
    assert data.factors_num_values == [most] * 6
    corner = data.images_at(data.factors_to_indices(np.full((1, 6), most - 1)))
    assert corner.astype(bool).sum() == 3 * 64


@pytest.mark.parametrize("options", [(0,), (9,), (8, 9), (8, 0), (1, 8, 65), (1, 1, 0)])
def test_grids_that_do_not_fit_are_refused(options):
    with pytest.raises(ValueError, match="Expected.*Received"):
        XYSquares(*options)
