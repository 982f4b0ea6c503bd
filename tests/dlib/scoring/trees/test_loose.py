"""Loose places are where rows come to lie, whatever their order within loose places was before."""

import numpy as np
import pytest

from tfdis.dlib.scoring.trees.loose import exchange_loose, has_large, is_loose, take_loose

FIRST = 3


def _exchanged(keys, bound):
    """Small keys are brought to the front by exchanges, as scikit-learn's sort does."""
    keys, first, end = list(keys), 0, len(keys)
    while first < end:
        if keys[first] >= bound:
            end -= 1
            keys[first], keys[end] = keys[end], keys[first]
        else:
            first += 1
    return keys


def _draw_loose(rng, num):
    """Up to four stretches of at least two places."""
    ends = np.sort(rng.choice(num + 1, 2 * rng.randint(1, 5), replace=False)).reshape(-1, 2)
    return ends[ends[:, 1] - ends[:, 0] > 1]


def _shuffled(rng, keys, loose):
    keys = keys.copy()
    for first, end in loose:
        keys[first:end] = rng.permutation(keys[first:end])
    return keys


def _assert_same_but_for(loose, one, other):
    """The keys are the same, but for their order in each stretch."""
    assert np.all(loose[:, 1] - loose[:, 0] > 1) and np.all(loose[1:, 0] >= loose[:-1, 1])
    one, other = np.array(one), np.array(other)
    for first, end in loose:
        one[first:end], other[first:end] = np.sort(one[first:end]), np.sort(other[first:end])
    np.testing.assert_array_equal(one, other)


def _padded(keys):
    return np.concatenate([np.full(FIRST, 99), keys, np.full(FIRST, 99)]).astype(np.int32)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_loose_places_of_exchanged_keys(share):
    rng = np.random.RandomState(0)
    num_known = 0
    for num in [8, 12, 30] * 60:
        keys, loose = rng.permutation(num), _draw_loose(rng, num)
        bound = int(np.clip(rng.binomial(num, share), 0, num))
        known, left, right = exchange_loose(
            _padded(keys), FIRST, FIRST + bound, FIRST + num, bound, loose + FIRST
        )
        if not known:
            assert any(first <= bound < end for first, end in loose)
            continue
        num_known += 1
        assert np.all(left <= FIRST + bound) and np.all(right >= FIRST + bound)
        found = np.concatenate([left, right]) - FIRST
        expected = _exchanged(keys, bound)
        for _ in range(20):
            other = _exchanged(_shuffled(rng, keys, loose), bound)
            _assert_same_but_for(found, expected, other)
    assert num_known > 60


def test_keys_that_are_exchanged_in_any_order_make_few_places_loose():
    keys = np.array([0, 9, 1, 8, 2, 7, 3, 6])
    for loose, left, right in (
        ([1, 3], [[1, 3]], []),  # A small and a large one on the left.
        ([5, 7], [], [[4, 6]]),  # On the right.
        ([1, 4], [[1, 4]], [[5, 8]]),
    ):
        found = exchange_loose(keys, 0, 4, 8, 4, np.array([loose]))
        assert (found[0], found[1].tolist(), found[2].tolist()) == (True, left, right)
    assert not exchange_loose(keys, 0, 4, 8, 4, np.array([[4, 6]]))[0]


def test_loose_places_of_keys_that_are_left():
    rng = np.random.RandomState(0)
    for num in [8, 12, 30] * 60:
        keys, loose = rng.permutation(num), _draw_loose(rng, num)
        bound = rng.randint(num)
        found = take_loose(_padded(keys), FIRST, bound, loose + FIRST) - FIRST
        for _ in range(20):
            other = _shuffled(rng, keys, loose)
            _assert_same_but_for(found, keys[keys < bound], other[other < bound])


def test_what_is_loose():
    loose, keys = np.array([[2, 4], [7, 9]]), np.arange(10)
    assert [place for place in range(10) if is_loose(loose, place)] == [2, 3, 7, 8]
    assert has_large(keys, 8, loose) and not has_large(keys, 9, loose)
    assert not has_large(keys, 0, loose[:0])
