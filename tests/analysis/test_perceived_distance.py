"""Perceived distances: closed forms, brute force, and the paper's table."""

import itertools

import numpy as np
import pytest

from tfdis.analysis import mean_squared_difference, perceived_distances, sample_distances
from tfdis.analysis.pairs import RandomPairs, TraversalPairs, pair_numbers
from tfdis.analysis.published import published_distances
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.xysquares import XYSquares

_FACTOR = 2 * 64 / 12288  # Two squares of 64 pixels, out of 64 * 64 * 3 values.


@pytest.mark.long
def test_xysquares_hits_the_closed_form():
    table = perceived_distances(XYSquares(), num_pairs=2000)
    factors = table.drop(index="random")
    np.testing.assert_allclose(factors["mean"], _FACTOR, rtol=0, atol=1e-9)
    assert len(factors) == 6 and factors["std"].max() < 1e-9
    # A channel differs unless x and y both agree: 63 of 64 times.
    error = 4 * table.loc["random", "standard_error"]
    assert 0 < error < 3e-4
    assert table.loc["random", "mean"] == pytest.approx(3 * (63 / 64) * _FACTOR, abs=error)
    assert table.loc["random", "std"] == pytest.approx(0.0022, abs=3e-4)  # Table 1 of the paper


def test_all_pairs_of_xysquares():
    num_placements = 2
    data = XYSquares(num_placements=num_placements)
    table = perceived_distances(data, exhaustive=True)
    assert table["exhaustive"].all() and (table["standard_error"] == 0).all()
    num_images = num_placements**6
    assert table.loc["random", "num_pairs"] == num_images * (num_images - 1)
    assert set(table.drop(index="random")["num_pairs"]) == {num_images * (num_placements - 1)}
    differing = 3 * (1 - num_placements**-2) * num_images / (num_images - 1)  # channels
    np.testing.assert_allclose(table.loc["random", "mean"], differing * _FACTOR, rtol=1e-6)
    np.testing.assert_allclose(table.drop(index="random")["mean"], _FACTOR, rtol=1e-6)


@pytest.mark.long
def test_all_pairs_equal_brute_force_for_an_asymmetric_distance():
    data = XYSquares(grid_spacing=3, num_placements=2)

    def distance(x, y):
        weights = np.linspace(0, 1, x[0].size).reshape(x[0].shape)
        return np.sum(weights * np.abs(x - y) + 0.1 * x * weights, axis=(1, 2, 3))

    images = data.to_observations(data.images_at(np.arange(64)))
    factors = data.indices_to_factors(np.arange(64))
    received = sample_distances(data, loss=distance, exhaustive=True)
    for column, name in enumerate(("random", *data.factor_names)):
        pairs = [
            (a, b)
            for a, b in itertools.permutations(range(64), 2)
            if name == "random" or list(np.flatnonzero(factors[a] != factors[b])) == [column - 1]
        ]
        first, second = (np.array(points) for points in zip(*pairs, strict=True))
        parts = np.array_split(np.arange(len(pairs)), 16)  # All at once takes a gigabyte.
        expected = np.concatenate([distance(images[first[p]], images[second[p]]) for p in parts])
        np.testing.assert_allclose(np.sort(received[name]), np.sort(expected), rtol=1e-6)


def test_drawn_pairs_differ_in_exactly_that_factor_and_cover_all_values():
    data = get_named_ground_truth_data("dsprites_hearts")
    random_state = np.random.RandomState(0)
    for factor, size in enumerate(data.factors_num_values):
        pairs = TraversalPairs(data, factor)
        (numbers,) = pair_numbers(len(pairs), 20_000, 20_000, random_state)
        first, second = pairs.factors_of(numbers)
        differs = first != second
        assert differs[:, factor].all() and not np.delete(differs, factor, axis=1).any()
        seen = np.zeros((size, size), int)
        np.add.at(seen, (first[:, factor], second[:, factor]), 1)
        assert np.array_equal(seen > 0, ~np.eye(size, dtype=bool))


def test_random_pairs_are_all_pairs_of_different_points():
    pairs = RandomPairs(XYSquares(num_placements=2))
    batches = pair_numbers(len(pairs), None, 1000, None)
    found = np.concatenate([np.stack(pairs.points_of(numbers), 1) for numbers in batches])
    assert {tuple(pair) for pair in found} == set(itertools.permutations(range(64), 2))
    assert len(found) == 64 * 63


def test_hidden_factors_are_drawn_equally_for_both_points():
    data = get_named_ground_truth_data("dsprites_noshape")
    pairs = TraversalPairs(data, data.factor_names.index("position x"))
    x, y = pairs.observations(np.arange(0, len(pairs), 60_001), np.random.RandomState(0))
    # Moving a sprite changes a few pixels at its border; another shape changes its area by dozens.
    area_changes = np.abs(x.sum(axis=(1, 2, 3)) - y.sum(axis=(1, 2, 3)))
    assert len(x) > 100 and area_changes.max() <= 25
    assert np.any(x != y)
    with pytest.raises(ValueError, match="dsprites_noshape.*Fix: sample pairs"):
        perceived_distances(data, exhaustive=True)


class _Noisy(GroundTruthData):
    """Two factors, the second with one value; the images are the first plus noise."""

    name, factor_names, provenance = "noisy", ("a", "b"), "generated"
    factors_num_values, observation_shape = [3, 1], [2, 2, 1]

    def sample_observations_from_factors(self, factors, random_state):
        noise = random_state.uniform(0, 0.1, size=(len(factors), 2, 2, 1))
        return factors[:, 0][:, None, None, None] / 4 + noise


def test_noise_is_drawn_equally_and_single_values_are_left_out():
    table = perceived_distances(_Noisy(), num_pairs=3000, seed=3)
    assert list(table.index) == ["random", "a"]
    # Pairs at a distance of 1 (twice as many) and 2 quarters.
    expected = (2 * 1 + 4) / 3 / 16
    assert table.loc["a", "mean"] == pytest.approx(
        expected, abs=4 * table.loc["a", "standard_error"]
    )
    values = sample_distances(_Noisy(), num_pairs=100)["a"]
    np.testing.assert_allclose(np.unique(values.round(6)), [1 / 16, 4 / 16])


def test_a_seed_gives_the_same_table():
    data = get_named_ground_truth_data("dsprites_hearts")
    tables = [perceived_distances(data, num_pairs=500, seed=seed) for seed in (1, 1, 2)]
    assert tables[0].equals(tables[1]) and not tables[0].equals(tables[2])


def test_bad_arguments():
    data = XYSquares(num_placements=2)
    with pytest.raises(ValueError, match="num_pairs of at least 2. Received: 1"):
        perceived_distances(data, num_pairs=1)
    with pytest.raises(ValueError, match="Expected the loss to give 10 finite distances"):
        perceived_distances(data, num_pairs=10, loss=lambda x, y: np.mean((x - y) ** 2))
    with pytest.raises(ValueError, match="10 of them not finite"):
        perceived_distances(data, num_pairs=10, loss=lambda x, y: np.full(len(x), np.nan))
    with pytest.raises(ValueError, match="factor of two values or more"):
        perceived_distances(XYSquares(num_placements=1))


def test_distance_is_the_mean_over_all_values():
    random_state = np.random.RandomState(0)
    x, y = random_state.uniform(size=(2, 5, 4, 3, 2))
    expected = [np.mean((a - b) ** 2) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(mean_squared_difference(x, y), expected)


@pytest.mark.long
def test_rendered_dsprites_reproduces_the_paper():
    """Standard errors of the published means: of independent pairs for random ones, else of pairs
    that come as whole traversals (`published.py` says why), plus the rounding to four digits.
    """
    data = get_named_ground_truth_data("dsprites_full")
    table = perceived_distances(data, num_pairs=20_000).join(published_distances(data))
    of_paper = {
        "random": 0.00013,
        "shape": 0.00007,
        "scale": 0.00009,
        "orientation": 0.00095,
        "position x": 0.0022,
        "position y": 0.0023,
    }
    for name, row in table.iterrows():
        error = np.hypot(of_paper[name], row["standard_error"])
        assert abs(row["mean"] - row["paper_mean"]) < 2.5 * error + 5e-5, name
        assert row["std"] == pytest.approx(row["paper_std"], rel=0.05), name
    assert set(table.index[1:3]) == {"position x", "position y"}
    assert list(table.index[3:]) == ["scale", "shape", "orientation"]
