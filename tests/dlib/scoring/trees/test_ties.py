"""Equal values are left where scikit-learn's sort leaves them."""

import numpy as np
import pytest
from sklearn.utils._sorting import _py_simultaneous_sort

from tfdis.dlib.scoring.trees import ties
from tfdis.dlib.scoring.trees.columns import sort_columns
from tfdis.dlib.scoring.trees.exchange import room_for_keys
from tfdis.dlib.scoring.trees.search import Room, _find_ties
from tfdis.dlib.scoring.trees.ties import settle_ties


def _expected(column, before):
    """The rows `before`, sorted by scikit-learn."""
    values, rows = column[before], before.astype(np.intp)
    _py_simultaneous_sort(values, rows, len(rows), use_three_way_partition=True)
    return rows


def _ranks(column):
    """Ranks of the rows, and the ranks that several rows have."""
    _, ranks, counts = np.unique(column, return_inverse=True, return_counts=True)
    return ranks.astype(np.int32), np.flatnonzero(counts > 1).astype(np.int32)


def _received(column, before, settle=settle_ties, key_type=np.int32, loose=()):
    """The order, or None if it depends on that of loose places."""
    ranks, _ = _ranks(column)
    tied = np.flatnonzero(np.bincount(ranks[before]) > 1).astype(np.int32)
    order = before[np.argsort(column[before], kind="stable")].astype(np.uint32)
    keys = room_for_keys(len(column)).astype(key_type)
    loose = np.array(loose, np.int64).reshape(-1, 2)
    known = settle(ranks, tied, before.astype(np.uint32), loose, keys, order)
    return order if known else None


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


@pytest.mark.long
@pytest.mark.parametrize("name", COLUMNS)
def test_the_order_is_that_of_scikit_learns_sort(name):
    rng = np.random.RandomState(0)
    for num in (2, 3, 14, 16, 18, 100, 2000):
        column = COLUMNS[name](rng, num).astype(np.float32)
        for before in (np.arange(num), rng.permutation(num), np.arange(num)[::-1]):
            received = _received(column, before)
            np.testing.assert_array_equal(received, _expected(column, before))


@pytest.mark.long
def test_keys_of_many_rows_are_longer():
    assert room_for_keys(2**15 - 1).dtype == np.int32 and room_for_keys(2**15).dtype == np.int64
    rng = np.random.RandomState(0)
    for num in (100, 40_000):
        column, before = rng.randint(num, size=num).astype(np.float32), rng.permutation(num)
        received = _received(column, before, key_type=np.int64)
        np.testing.assert_array_equal(received, _expected(column, before))


def test_the_heapsort_is_reached(monkeypatch):
    """Or the test above would not show that it is right."""
    sizes = []
    monkeypatch.setattr(ties, "_heapsort", lambda keys, shift: sizes.append(len(keys)))
    _received(_organ_pipe(None, 2000), np.arange(2000), settle_ties.py_func)
    assert sizes and min(sizes) > 15


@pytest.mark.long
@pytest.mark.parametrize("num_values", [3, 10, 1000])
def test_an_order_that_is_known_does_not_depend_on_that_of_loose_places(num_values):
    rng = np.random.RandomState(0)
    num_known = 0
    for num in [12, 40, 300, 2000] * 20:
        # Few values are equal, or many.
        column = np.where(rng.uniform(size=num) < 0.1, rng.randint(num_values, size=num) / 1000, 9)
        column = (column + np.where(column == 9, rng.uniform(size=num), 0)).astype(np.float32)
        before = rng.permutation(num)
        starts = np.sort(rng.choice(num // 4, rng.randint(1, 4), replace=False)) * 4
        loose = [(start, start + rng.randint(2, 5)) for start in starts]
        received = _received(column, before, loose=loose)
        if received is None:
            continue
        num_known += 1
        for _ in range(10):
            for first, end in loose:
                before[first:end] = rng.permutation(before[first:end])
            np.testing.assert_array_equal(received, _expected(column, before))
    assert 20 < num_known < 80


def test_an_order_may_depend_on_that_of_loose_places():
    column, before = np.array([1, 2, 2, 3], np.float32), np.arange(4)
    assert _received(column, before, loose=[(1, 3)]) is None
    assert _received(column, before, loose=[(0, 2)]) is None  # Nearly.
    column[2] = 4
    assert _received(column, before, loose=[(0, 4)]).tolist() == [0, 1, 3, 2]


def test_a_part_of_the_rows():
    rng = np.random.RandomState(1)
    column = rng.randint(50, size=1000).astype(np.float32)
    before = rng.permutation(1000)[:300]
    received = _received(column, before)
    np.testing.assert_array_equal(received, _expected(column, before))


def _ties_of(node_of, samples, residuals, most=99):
    columns = sort_columns(samples.astype(np.float32), residuals)
    num = len(samples)
    memory = (np.empty(num), np.empty(num, np.uint32), np.empty((2, num), np.uint32))
    room = Room(*memory, room_for_keys(num), node_of.astype(np.int8))
    return room.ties[: _find_ties(columns, 0, residuals, 1, room, most)].tolist()


def test_ties_of_a_node_are_found_but_for_twins():
    samples = np.array([[1, 0], [1, 0], [1, 2], [2, 0], [2, 0], [3, 0], [4, 0], [4, 1]])
    residuals = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5])
    all_rows = np.ones(8)
    assert _ties_of(all_rows, samples, residuals) == [0, 3]
    assert _ties_of(all_rows, samples, residuals, most=1) == [0]
    # Of the rows with the lowest value, twins alone are left.
    assert _ties_of(np.array([1, 1, 2, 1, 1, 1, 1, 1]), samples, residuals) == [3]
    # A row of another node is between them.
    assert _ties_of(np.array([1, 2, 1, 1, 1, 1, 2, 1]), samples, residuals) == [0]
    # Rows of equal values but other residuals differ.
    residuals[4] = 0.5
    assert _ties_of(all_rows, samples, residuals) == [0, 1, 3]
