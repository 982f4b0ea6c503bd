"""Equal values are left where scikit-learn's sort leaves them."""

import numpy as np
import pytest
from sklearn.utils._sorting import _py_simultaneous_sort

from tfdis.dlib.scoring.trees import ties
from tfdis.dlib.scoring.trees.ties import count_ties, settle_ties


def _expected(column, before):
    """The rows `before`, sorted by scikit-learn."""
    values, rows = column[before], before.astype(np.intp)
    _py_simultaneous_sort(values, rows, len(rows), use_three_way_partition=True)
    return rows


def _received(column, before, twins):
    order = before[np.argsort(column[before], kind="stable")].astype(np.int32)
    counts = np.empty(len(order), np.int32)
    if count_ties(column, twins, order, counts):
        settle_ties(column, before.astype(np.int32), counts, order)
    return order


def _organ_pipe(rng, num):
    """Rises and falls: the median of three is a bad pivot, so that a heapsort takes over."""
    del rng
    return np.minimum(np.arange(num), np.arange(num)[::-1])


COLUMNS = {
    "few_values": lambda rng, num: rng.randint(4, size=num),
    "many_values": lambda rng, num: rng.randint(num, size=num),
    "pairs": lambda rng, num: rng.permutation(num) // 2,
    "organ_pipe": _organ_pipe,
    "one_value": lambda rng, num: np.ones(num),
    "zeros_of_both_signs": lambda rng, num: rng.choice([-1.0, -0.0, 0.0, 1.0], num),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_order_is_that_of_scikit_learns_sort(name):
    rng = np.random.RandomState(0)
    for num in (2, 3, 14, 16, 18, 100, 2000):
        column = COLUMNS[name](rng, num).astype(np.float32)
        for before in (np.arange(num), rng.permutation(num), np.arange(num)[::-1]):
            received = _received(column, before, np.arange(num))
            np.testing.assert_array_equal(received, _expected(column, before))


def test_the_heapsort_is_reached(monkeypatch):
    """Or the test above would not show that it is right."""
    sizes = []
    monkeypatch.setattr(ties, "_heapsort", lambda values, rows: sizes.append(len(rows)))
    column = _organ_pipe(None, 2000).astype(np.float32)
    order, counts = np.argsort(column).astype(np.int32), np.empty(2000, np.int32)
    count_ties(column, np.arange(2000), order, counts)
    settle_ties.py_func(column, np.arange(2000, dtype=np.int32), counts, order)
    assert sizes and min(sizes) > 15


def test_a_part_of_the_rows():
    rng = np.random.RandomState(1)
    column = rng.randint(50, size=1000).astype(np.float32)
    before = rng.permutation(1000)[:300]
    received = _received(column, before, np.arange(1000))
    np.testing.assert_array_equal(received, _expected(column, before))


def test_ties_are_counted_but_for_twins():
    column = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 3.0], np.float32)
    counts = np.empty(6, np.int32)
    order = np.arange(6, dtype=np.int32)
    assert count_ties(column, np.array([0, 0, 1, 2, 2, 3]), order, counts) == 1
    assert counts.tolist() == [0, 0, 1, 1, 1, 1]
    assert count_ties(column, np.arange(6), order, counts) == 3
    assert counts.tolist() == [0, 1, 2, 2, 3, 3]
