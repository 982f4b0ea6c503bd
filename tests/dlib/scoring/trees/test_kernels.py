"""Sums as numpy makes them, bounds of rounding, and draws as scikit-learn makes them."""

import math

import numpy as np
import pytest

from tfdis.dlib.scoring.trees.blocks import MARGIN
from tfdis.dlib.scoring.trees.columns import sort_columns
from tfdis.dlib.scoring.trees.cuts import best_cut, doubt_of_sums, sum_up
from tfdis.dlib.scoring.trees.exchange import (
    put,
    put_reversed,
    room_for_keys,
    take,
    take_reversed,
)
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
            sum_up(rng.permutation(num).astype(np.uint32), numbers, sums)
            assert abs(sums[-1] - math.fsum(numbers)) <= doubt_of_sums(num, squares) / 2


def _best_cut(column, residuals, doubt=0.0, longest=1):
    order = np.argsort(column, kind="stable").astype(np.uint32)
    num = len(order)
    inverse = sort_columns(np.zeros((num + 3, 1), np.float32), np.zeros(num + 3)).inverse
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
        rows_left, gain, rivals, own = _best_cut(column, residuals)
        assert rows_left == gains.argmax() + 1 and rivals == 0
        np.testing.assert_allclose(gain, gains.max(), rtol=1e-12)
        assert own == gain


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


def _divided_one_by_one(rows, node_of):
    rows, first, end = list(rows), 0, len(rows)
    while first < end:
        if node_of[rows[first]] % 2:
            end -= 1
            rows[first], rows[end] = rows[end], rows[first]
        else:
            first += 1
    return rows


@pytest.mark.long
@pytest.mark.parametrize("key_type", [np.int32, np.int64])
def test_rows_that_do_not_stay_are_exchanged_with_the_last(key_type):
    rng = np.random.RandomState(0)
    for num in (1, 2, 5, 15, 16, 17, 64, 1000):
        for share in (0.0, 0.1, 0.5, 0.9, 1.0):
            node_of = 6 + (rng.uniform(size=num) < share).astype(np.int8)
            rows = rng.permutation(num).astype(np.uint32)
            expected = _divided_one_by_one(rows, node_of)
            keys = room_for_keys(num).astype(key_type)
            divide_rows(rows, node_of, np.count_nonzero(node_of == 6), keys)
            assert rows.tolist() == expected


def _blocks(key_type, num=100):
    rng = np.random.RandomState(0)
    keys = np.full(2 * MARGIN + num, 50, key_type)
    keys[MARGIN:-MARGIN] = rng.permutation(num)
    return keys


@pytest.mark.parametrize("key_type", [np.int32, np.int64])
@pytest.mark.parametrize(("first", "end"), [(16, 116), (16, 32), (40, 41), (50, 50), (33, 90)])
def test_keys_within_bounds_are_taken_and_put_in_their_order(key_type, first, end):
    for take_keys, put_keys, step in ((take, put, 1), (take_reversed, put_reversed, -1)):
        keys = _blocks(key_type)
        places = [p for p in range(first, end)[::step] if 20 <= keys[p] < 70]
        target = np.zeros(200, key_type)
        assert take_keys(keys, first, end, 20, 70, target, 7) == len(places)
        expected = np.zeros(200, key_type)
        expected[7 : 7 + len(places)] = keys[places]
        np.testing.assert_array_equal(target[: 7 + len(places)], expected[: 7 + len(places)])
        expected, others = keys.copy(), -np.arange(200).astype(key_type)
        expected[places] = others[3 : 3 + len(places)]
        assert put_keys(keys, first, end, 20, 70, others, 3) == len(places)
        np.testing.assert_array_equal(keys, expected)
