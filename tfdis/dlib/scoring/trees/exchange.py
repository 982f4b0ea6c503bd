"""Exchanges rows as scikit-learn does, when it sorts them and when it divides a node.

It looks at one row after the other, from the left. One that belongs on the right is exchanged with the last row
that it has not looked at, which comes next. The same is done here without a decision for each row. In place of
rows there are keys: numbers that hold the row in their lower half, and in the upper one what it is compared by.
"""

import numpy as np

from tfdis.dlib.scoring.trees.blocks import (
    BYTES,
    MARGIN,
    put_block,
    put_block_reversed,
    take_block,
    take_block_reversed,
)
from tfdis.dlib.scoring.trees.compiled import compiled


def room_for_keys(num_rows: int) -> np.ndarray:
    """Memory for three arrays of keys `[3, MARGIN + num_rows + MARGIN]`; they begin at place MARGIN."""
    return np.empty((3, num_rows + 2 * MARGIN), np.int32 if num_rows < 2**15 else np.int64)


@compiled
def make_keys(ranks: np.ndarray, rows: np.ndarray, keys: np.ndarray) -> None:
    """Sets the first array of `keys` to those of rows.

    Args:
        ranks: what each row is compared by, less than the number of rows `[num_rows]`.
        rows: some of the rows `[num]`.
        keys: memory of `room_for_keys`.
    """
    shift = 4 * keys.itemsize
    own = keys[0, MARGIN:]
    for place in range(rows.shape[0]):
        own[place] = (np.int64(ranks[rows[place]]) << shift) | np.int64(rows[place])


@compiled
def rows_of_keys(keys: np.ndarray, rows: np.ndarray) -> None:
    """Sets the first of `rows` to those of keys `[num]`."""
    mask = (1 << 4 * keys.itemsize) - 1
    for place in range(keys.shape[0]):
        rows[place] = keys[place] & mask


@compiled
def take(
    keys: np.ndarray, first: int, end: int, low: int, high: int, target: np.ndarray, at: int
) -> int:
    """Copies keys to `target`, from place `at` on, in their order.

    Args:
        keys: keys `[MARGIN + num + MARGIN]`.
        first: first place of `keys` that is looked at.
        end: the place after the last.
        low: the smallest key that is copied.
        high: the key from which on none are copied.
        target: array that they are copied to; if it is `keys`, not behind `first`. MARGIN places behind
            them may be overwritten, too.
        at: the place of the first.

    Returns:
        Number of keys that were copied.
    """
    num = 0
    for place in range(first, end, BYTES // keys.itemsize):
        num += take_block(keys, place, end - place, low, high, target, at + num)
    return num


@compiled
def take_reversed(
    keys: np.ndarray, first: int, end: int, low: int, high: int, target: np.ndarray, at: int
) -> int:
    """The same, beginning with the last key."""
    num, size = 0, BYTES // keys.itemsize
    for place in range(end - size, first - size, -size):
        num += take_block_reversed(keys, place, place + size - first, low, high, target, at + num)
    return num


@compiled
def put(
    keys: np.ndarray, first: int, end: int, low: int, high: int, others: np.ndarray, at: int
) -> int:
    """Replaces keys by others, the first of which is at place `at`; the arguments are those of `take`."""
    num = 0
    for place in range(first, end, BYTES // keys.itemsize):
        num += put_block(keys, place, end - place, low, high, others, at + num)
    return num


@compiled
def put_reversed(
    keys: np.ndarray, first: int, end: int, low: int, high: int, others: np.ndarray, at: int
) -> int:
    """The same, beginning with the last key."""
    num, size = 0, BYTES // keys.itemsize
    for place in range(end - size, first - size, -size):
        num += put_block_reversed(keys, place, place + size - first, low, high, others, at + num)
    return num


@compiled
def exchange(
    keys: np.ndarray,
    first: int,
    middle: int,
    end: int,
    bound: int,
    highest: int,
    with_left: bool,
    with_right: bool,
) -> None:
    """Brings keys below a bound to the front of a part.

    Args:
        keys: three arrays of keys; the first of them has the part, the others are memory.
        first: first place of the part.
        middle: the place after the last of the keys below the bound, when it is done.
        end: the place after the part.
        bound: the smallest key that belongs on the right.
        highest: more than the largest key.
        with_left: whether the places before `middle` are to be set.
        with_right: whether the others are.
    """
    part, large, small = keys[0], keys[1], keys[2]
    # Keys on the wrong side, in the order in which they are exchanged.
    num = take(part, first, middle, bound, highest, large, 0) if with_right else 0
    if with_left:
        take_reversed(part, middle, end, 0, bound, small, 0)
        put(part, first, middle, bound, highest, small, 0)
    if with_right and middle < end:
        # Keys that come from the left take the places of those that go there, but the first of them goes to
        # the end. If none is left, the last one is the first key on the right itself.
        large[num] = part[middle]
        put_reversed(part, middle + 1, end, 0, bound, large, 1)
        for place in range(middle + 1, end):
            part[place - 1] = part[place]
        part[end - 1] = large[0]
