"""Sums as numpy makes them, bounds of rounding, and draws as scikit-learn makes them."""

import math

import numpy as np

from tfdis.dlib.scoring.trees.cuts import best_cut, doubt_of_sums, sum_up
from tfdis.dlib.scoring.trees.leaves import sum_in_pairs
from tfdis.dlib.scoring.trees.orders import divide_rows


def test_sums_are_numpys():
    rng = np.random.RandomState(0)
    for num in [*range(1, 40), 127, 128, 129, 136, 200, 256, 257, 1000, 4099]:
        numbers = rng.normal(size=num)
        assert sum_in_pairs(numbers) == numbers.sum(), num


def test_sums_in_two_orders_differ_by_less_than_the_bound():
    rng = np.random.RandomState(0)
    for num in (10, 1000, 30000):
        numbers = rng.normal(size=num) * 10.0 ** rng.randint(-8, 3, size=num)
        squares = math.fsum(numbers**2)
        for _ in range(5):
            sums = np.empty(num)
            sum_up(rng.permutation(num), numbers, sums)
            assert abs(sums[-1] - math.fsum(numbers)) <= doubt_of_sums(num, squares) / 2


def _best_cut(column, residuals, doubt=0.0, longest=1):
    order = np.argsort(column, kind="stable").astype(np.int32)
    num = len(order)
    inverse = np.concatenate([[0.0], 1.0 / np.arange(1, num + 1)])
    return best_cut(
        order,
        column.astype(np.float32),
        residuals,
        residuals.sum(),
        inverse,
        longest,
        np.empty(num),
        doubt,
        -np.inf,
        0,
    )


def test_the_best_cut_has_the_largest_gain():
    rng = np.random.RandomState(0)
    for num in (2, 5, 300, 1000):
        column, residuals = rng.permutation(num), rng.normal(size=num)
        ordered = residuals[np.argsort(column)]
        sizes = np.arange(1, num)
        left = np.cumsum(ordered)[:-1]
        gains = left**2 / sizes + (ordered.sum() - left) ** 2 / (num - sizes)
        rows_left, gain, rivals = _best_cut(column, residuals)
        assert rows_left == gains.argmax() + 1 and rivals == 0
        np.testing.assert_allclose(gain, gains.max(), rtol=1e-12)


def test_equal_gains_are_rivals_if_sums_are_in_doubt():
    residuals = np.array([1.0, 0.0, 0.0, -1.0])
    assert _best_cut(np.arange(4), residuals)[::2] == (1, 0)
    assert _best_cut(np.arange(4), residuals, doubt=1e-12)[::2] == (1, 1)
    # A better cut by far has no rivals, although those before it had.
    residuals = np.array([1.0, 0.0, 0.0, -1.0, -1.0, -1.0, -1.0, 9.0])
    assert _best_cut(np.arange(8), residuals, doubt=1e-12)[::2] == (7, 0)


def test_values_within_the_threshold_are_not_cut_apart():
    residuals = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    assert _best_cut(np.arange(6), residuals)[0] == 3
    column = np.array([0.0, 1.0, 2.0, 2.0, 3.0, 4.0])
    assert _best_cut(column, residuals, longest=2)[0] == 2
    assert _best_cut(np.zeros(6), residuals, longest=6)[0] == 0


def test_rows_that_stay_are_exchanged_with_the_last():
    goes_left = np.array([False, True, False, True, True])
    rows = np.arange(5)
    divide_rows(rows, goes_left)
    assert rows.tolist() == [4, 1, 3, 2, 0]
