"""Splits: their weights, what is drawn from them, and bad input."""

import gin
import numpy as np
import pytest

from tfdis import registry
from tfdis.data import named
from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.splits.correlated import CorrelatedFactors
from tfdis.data.splits.domains import CompositionLike, ExtrapolationLike, InterpolationLike
from tfdis.data.splits.grid import FactorGrid
from tfdis.data.splits.held_out import HeldOut, ListedCells, RandomCells
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.streams.pairs import sample_pairs
from tfdis.data.streams.sampling import sample_batch

NAMES = ("shape", "x", "y")
SIZES = [3, 4, 5]
GRID = FactorGrid(NAMES, SIZES)
SPLITS = {
    "correlated": CorrelatedFactors([("x", "y")], sigma=0.2),
    "held_out": HeldOut([("shape", 1, 1), ("x", 0.5, 1)]),
    "random": RandomCells(0.4, seed=1),
    "interpolation": InterpolationLike(share=0.5),
    "extrapolation": ExtrapolationLike(),
    "composition": CompositionLike(["shape"]),
}


class Pixels(EnumerableData):
    """One row of three pixels, which are the factors."""

    def __init__(self):
        super().__init__("pixels", NAMES, FactorStateSpace(SIZES), (1, 3, 1), "generated")

    def images_at(self, indices):
        return self.indices_to_factors(indices).astype(np.uint8).reshape(-1, 1, 3, 1)


def test_correlated_weights_are_the_published_formula():
    # exp(-(c1 - c2)^2 / (2 sigma^2)) of indices scaled to [0, 1], by hand.
    weights = CorrelatedFactors([("x", "y")], sigma=0.2).weights(GRID)
    for shape, x, y in np.ndindex(*SIZES):
        expected = np.exp(-((x / 3 - y / 4) ** 2) / (2 * 0.2**2))
        assert weights[shape, x, y] == pytest.approx(expected)
    inverted = CorrelatedFactors([("x", "y")], sigma=0.2, inverted=True).weights(GRID)
    np.testing.assert_allclose(inverted, weights[:, :, ::-1])


def test_several_pairs_multiply_and_a_confounder_goes_with_all():
    one, two = (CorrelatedFactors([pair], 0.3).weights(GRID) for pair in [("x", "y"), ("x", 0)])
    both = CorrelatedFactors([("x", "y"), ("x", "shape")], 0.3).weights(GRID)
    np.testing.assert_allclose(both, one * two)
    np.testing.assert_allclose(CorrelatedFactors(sigma=0.3, confounded="x").weights(GRID), both)


def test_a_combination_is_held_out_where_all_conditions_are_met():
    weights = SPLITS["held_out"].weights(GRID)
    for shape, x, y in np.ndindex(*SIZES):
        assert weights[shape, x, y] == (not (shape == 2 and x >= 2))


def test_random_cells_are_a_share_that_the_seed_chooses():
    weights = RandomCells(0.3, seed=5).weights(GRID)
    assert weights.sum() == 18
    np.testing.assert_array_equal(RandomCells(0.3, seed=5).weights(GRID), weights)
    assert np.any(RandomCells(0.3, seed=6).weights(GRID) != weights)


@pytest.mark.long
@pytest.mark.parametrize(
    "sizes",
    [
        [10, 10, 10, 8, 4, 15],
        pytest.param([3, 6, 40, 32, 32], marks=pytest.mark.exhaustive),
        pytest.param([6, 6, 2, 3, 3, 40, 40], marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.parametrize("cls", [InterpolationLike, ExtrapolationLike, CompositionLike])
def test_domains_of_the_published_sets_are_near_the_published_share(cls, sizes):
    names = [str(position) for position in range(len(sizes))]
    assert np.mean(cls().weights(FactorGrid(names, sizes))) == pytest.approx(0.3, abs=0.11)


def test_domains_hold_out_ranges_of_values():
    interpolated = InterpolationLike(share=0.5).weights(GRID)
    # The ends of every factor are seen.
    assert interpolated[np.ix_([0, 2], [0, 3], [0, 4])].all()
    assert not interpolated.all()
    below = ExtrapolationLike().weights(GRID)
    kept = [below.any(axis=tuple({0, 1, 2} - {axis})) for axis in range(3)]
    np.testing.assert_array_equal(below, kept[0][:, None, None] * kept[1][:, None] * kept[2])
    for values in kept:
        assert list(values) == sorted(values, reverse=True)
    # Each value alone is seen, also those above their cuts.
    composed = CompositionLike().weights(GRID)
    assert all(composed.any(axis=tuple({0, 1, 2} - {axis})).all() for axis in range(3))
    np.testing.assert_array_equal(
        CompositionLike(["shape"]).weights(GRID),
        np.broadcast_to(CompositionLike(["shape"]).weights(GRID)[:1], SIZES),
    )


@pytest.mark.parametrize("name", SPLITS)
def test_everything_that_draws_follows_the_weights(name):
    data = SPLITS[name](Pixels())
    state = np.random.RandomState(0)
    factors = data.sample_factors(20_000, state)
    cells = np.ravel_multi_index(tuple(factors.T), SIZES)
    frequencies = np.bincount(cells, minlength=60) / len(cells)
    expected = data.weights.ravel() / data.weights.sum()
    # Four standard deviations of a binomial frequency.
    assert np.all(np.abs(frequencies - expected) <= 4 * np.sqrt(expected / len(cells)) + 1e-9)
    images, drawn = sample_batch(data, 500, state)
    assert data.allows(drawn).all()
    np.testing.assert_array_equal(images.reshape(-1, 3), drawn)
    for sampling in ("differ", "dlib"):
        pairs, _ = sample_pairs(data, 300, state, sampling)
        assert data.allows(pairs.reshape(-1, 3)).all()


def test_what_is_held_out_can_be_drawn_too():
    data = SPLITS["held_out"](Pixels())
    outside = data.sample_outside(200, np.random.RandomState(0))
    assert not data.allows(outside).any()
    assert len(np.unique(outside, axis=0)) == 10
    with pytest.raises(ValueError, match="Expected a split that holds combinations out"):
        SPLITS["correlated"](Pixels()).sample_outside(5, np.random.RandomState(0))


def test_listed_cells_are_those_of_the_file(tmp_path):
    labels = np.array([[0, 1, 2], [2, 3, 4], [0, 1, 2]])
    np.savez(tmp_path / "train_labels.npz", arr_0=labels)
    weights = ListedCells(tmp_path / "train_labels.npz").weights(GRID)
    assert weights.sum() == 2 and weights[0, 1, 2] == weights[2, 3, 4] == 1


@pytest.mark.parametrize(
    "labels", [np.array([[0, 1]]), np.array([[0, 1, 5]]), np.array([[0, 1, 0.5]]), np.array(["a"])]
)
def test_labels_of_another_grid_are_refused(tmp_path, labels):
    np.savez(tmp_path / "labels.npz", arr_0=labels)
    with pytest.raises(ValueError, match="Expected .* to hold factor indices"):
        ListedCells(tmp_path / "labels.npz").weights(GRID)


def test_a_damaged_or_dangerous_file_is_refused(tmp_path):
    path = tmp_path / "labels.npz"
    np.savez(path, arr_0=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="Expected .* to hold factor indices"):
        ListedCells(path).weights(GRID)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match="Expected .* to hold factor indices"):
        ListedCells(path).weights(GRID)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CorrelatedFactors([("x", "y")], sigma=0), "sigma above 0"),
        (lambda: CorrelatedFactors(), "either pairs or confounded"),
        (lambda: CorrelatedFactors([("x", "z")])(Pixels()), "Expected a factor of .*'z'"),
        (lambda: HeldOut([]), "at least one"),
        (lambda: HeldOut([("x", 0, 1)])(Pixels()), "holds out every combination"),
        (lambda: RandomCells(0), "0 < share"),
        (lambda: ExtrapolationLike(share=1), "0 < share"),
        (lambda: RandomCells()(GroundTruthData()), "enumerates"),
    ],
)
def test_bad_input_is_one_clear_error(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_gin_splits_what_is_trained_on():
    gin.parse_config(
        'dataset.name = "xysquares"\ndataset.split = @correlated_factors()\n'
        'correlated_factors.pairs = [("x red", "x green")]\ncorrelated_factors.sigma = 0.1\n'
    )
    data = named.get_named_ground_truth_data()
    factors = data.sample_factors(2000, np.random.RandomState(0))
    correlation = np.corrcoef(factors.T)
    first, second = (data.factor_names.index(name) for name in ("x red", "x green"))
    assert correlation[first, second] > 0.7
    assert abs(correlation[first, data.factor_names.index("y red")]) < 0.1
    assert "sigma=0.1" in data.split.describe()


def test_every_split_is_registered():
    assert {type(split) for split in SPLITS.values()} | {ListedCells} == set(
        registry.SPLITS.values()
    )
