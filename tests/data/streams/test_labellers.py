"""Labellers against independent computations, in disentanglement_lib's order of drawing; and bad ones."""

import gin
import numpy as np
import pytest

from tfdis import registry
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams import labellers

SIZES = [6, 32, 8]


@pytest.fixture(scope="module")
def data():
    return get_named_ground_truth_data("dsprites_hearts")


@pytest.fixture(scope="module")
def factors(data):
    return data.sample_factors(500, np.random.RandomState(3)).astype(np.int64)


def _label(name, factors, data, seed=0, **bound):
    gin.parse_config([f"labeller.labeller_fn = @{name}"])
    gin.parse_config([f"{name}.{key} = {value}" for key, value in bound.items()])
    return labellers.label(factors, data, np.random.RandomState(seed))


def test_every_labeller_is_tested_here():
    names = {"bin_labeller", "noisy_labeller", "partial_labeller", "perfect_labeller"}
    assert set(registry.LABELLERS) == {*names, "permuted_labeller"}


def test_the_perfect_one_is_the_default_and_says_the_factors(data, factors):
    labels, sizes = labellers.label(factors, data, np.random.RandomState(0))
    np.testing.assert_array_equal(labels, factors)
    assert sizes == SIZES and labels.dtype == np.int64
    np.testing.assert_array_equal(_label("perfect_labeller", factors, data)[0], factors)


@pytest.mark.parametrize(("num_bins", "sizes"), [(2, [2, 2, 2]), (5, [5, 5, 5]), (7, [6, 7, 7])])
def test_bins_are_intervals_of_nearly_equal_length(data, factors, num_bins, sizes):
    labels, found = _label("bin_labeller", factors, data, num_bins=num_bins)
    assert found == sizes
    for column, true, bins, size in zip(labels.T, factors.T, sizes, SIZES, strict=True):
        # Bin b holds the values from b * size / bins on: in exact fractions, without rounding.
        edges = [next(v for v in range(size) if v * bins >= b * size) for b in range(bins)]
        np.testing.assert_array_equal(column, np.searchsorted(edges, true, side="right") - 1)


def test_noise_is_drawn_point_by_point_and_factor_by_factor(data, factors):
    state, expected = np.random.RandomState(7), factors.copy()
    for index in np.ndindex(*factors.shape):
        if state.uniform() < 0.3:
            expected[index] = state.choice(SIZES[index[1]])
    labels, sizes = _label("noisy_labeller", factors, data, seed=7, prob_random=0.3)
    np.testing.assert_array_equal(labels, expected)
    assert sizes == SIZES
    wrong = (labels != factors).mean(axis=0)
    np.testing.assert_allclose(wrong, [0.3 * (1 - 1 / size) for size in SIZES], atol=0.07)


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.0), (1.0, 1.0)])
def test_no_noise_is_perfect_and_full_noise_is_independent(data, factors, probability, share):
    labels, _ = _label("noisy_labeller", factors, data, prob_random=probability)
    wrong = (labels != factors).mean(axis=0)
    np.testing.assert_allclose(wrong, [share * (1 - 1 / size) for size in SIZES], atol=0.07)


def test_permuted_values_are_one_to_one_and_out_of_order(data, factors):
    state = np.random.RandomState(5)
    orders = [state.permutation(size) for size in SIZES]
    labels, sizes = _label("permuted_labeller", factors, data, seed=5)
    assert sizes == SIZES
    for column, true, order in zip(labels.T, factors.T, orders, strict=True):
        np.testing.assert_array_equal(column, [order[value] for value in true])
        assert len(set(zip(column.tolist(), true.tolist(), strict=True))) == len(set(true.tolist()))
        assert abs(np.corrcoef(column, true)[0, 1]) < 0.9


@pytest.mark.parametrize("num", [1, 2, 3])
def test_a_part_of_the_factors_is_chosen_once(data, factors, num):
    kept = np.random.RandomState(4).choice(3, size=num, replace=False)
    labels, sizes = _label("partial_labeller", factors, data, seed=4, num_observed_factors=num)
    np.testing.assert_array_equal(labels, factors[:, kept])
    assert sizes == [SIZES[factor] for factor in kept]


def test_the_factors_of_the_caller_stay_as_they_are(data, factors):
    before = factors.copy()
    for name in registry.LABELLERS:
        _label(name, factors, data)
    np.testing.assert_array_equal(factors, before)


def test_one_of_one_s_own_takes_part_in_gin(data, factors):
    @registry.labeller
    def even_labeller(labels, dataset, random_state, divisor=2):
        return labels % divisor, [divisor] * labels.shape[1]

    try:
        labels, sizes = _label("even_labeller", factors, data, divisor=3)
        np.testing.assert_array_equal(labels, factors % 3)
        assert sizes == [3, 3, 3]
    finally:
        del registry.LABELLERS["even_labeller"]


@pytest.mark.parametrize(
    ("name", "bound", "message"),
    [
        ("bin_labeller", {"num_bins": 1}, "num_bins of at least 2.*Received: 1"),
        ("noisy_labeller", {"prob_random": 1.5}, "between 0 and 1. Received: 1.5"),
        ("noisy_labeller", {"prob_random": -0.1}, "between 0 and 1. Received: -0.1"),
        ("partial_labeller", {"num_observed_factors": 0}, "from 1 to 3.*Received: 0"),
        ("partial_labeller", {"num_observed_factors": 4}, "from 1 to 3.*Received: 4"),
    ],
)
def test_bad_options_are_one_clear_error(data, factors, name, bound, message):
    with pytest.raises(ValueError, match=message):
        _label(name, factors, data, **bound)


@pytest.mark.parametrize(
    ("labeller", "message"),
    [
        (lambda y, d, s: (0 * y, SIZES), "tell images apart.*the same labels of all 500 images"),
        (lambda y, d, s: (y, [6, 32, 7]), r"from 0 to \[5, 31, 6\].*factors of another data set"),
        (lambda y, d, s: (y - 1, SIZES), r"Received: from \[-1, -1, -1\]"),
        (lambda y, d, s: (y[:, :2], SIZES), r"integer labels \[500, 3\].*\[500, 2\]"),
        (lambda y, d, s: (y + 0.5, SIZES), "integer labels"),
    ],
)
def test_a_bad_labeller_of_one_s_own_is_one_clear_error(data, factors, labeller, message):
    with pytest.raises(ValueError, match=message):
        labellers.label(factors, data, np.random.RandomState(0), labeller)
