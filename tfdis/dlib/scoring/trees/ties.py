"""The order in which scikit-learn's sort leaves equal values.

It sorts a node's rows by an introsort that divides them into three parts, `introsort_3way` in
`sklearn.utils._sorting`; where that leaves equal values depends on the order before. To know it, the same sort
is done, but only in the parts in which some values are equal: a part covers the same places before and
after it is sorted, and where all other values belong is known. The order before need not be known in all
places (loose.py).
"""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.blocks import MARGIN
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.exchange import exchange, make_keys, rows_of_keys, take
from tfdis.dlib.scoring.trees.loose import exchange_loose, has_large, is_loose, take_loose
from tfdis.dlib.scoring.trees.orders import copy

# Parts of at most this many rows are sorted by insertion.
_SMALL = 15


class _Part(NamedTuple):
    """Places of a node that have yet to be sorted.

    Attributes:
        first: first place.
        end: the place after the last.
        tied: the ranks between them that several rows have.
        budget: number of divisions before a heapsort.
        loose: places the order of whose rows is not known.
    """

    first: int
    end: int
    tied: np.ndarray
    budget: int
    loose: np.ndarray


@compiled
def settle_ties(
    ranks: np.ndarray,
    tied: np.ndarray,
    before: np.ndarray,
    loose: np.ndarray,
    keys: np.ndarray,
    order: np.ndarray,
) -> bool:
    """Brings rows of equal value into the order that scikit-learn's sort leaves them in.

    Args:
        ranks: ranks of all rows in the column, the same for equal values `[num_rows]`.
        tied: the ranks that several of the node's rows have, rising `[num_tied]`.
        before: the node's rows in the order before the sort `[num]`.
        loose: stretches of places within which the order before is not known `[num_loose, 2]`.
        keys: memory of `room_for_keys`.
        order: the node's rows, sorted by the column `[num]`; their order is changed.

    Returns:
        Whether the order does not depend on what is not known; if it may, it is not to be used.
    """
    num = before.shape[0]
    shift = 4 * keys.itemsize
    make_keys(ranks, before, keys)
    budget = -2
    while num:
        budget += 2
        num >>= 1
    # Parts that are still to be sorted.
    parts = [_Part(0, before.shape[0], tied, budget, loose)]
    while len(parts):
        part = parts.pop()
        first, end, tied = part.first, part.end, part.tied
        own = keys[0, MARGIN + first : MARGIN + end]
        if part.loose.shape[0] and _decides(keys, part, shift):
            return False
        if end - first <= _SMALL:
            _sort_by_insertion(own, shift)
            rows_of_keys(own, order[first:])
        elif part.budget == 0:
            _heapsort(own, shift)
            rows_of_keys(own, order[first:])
        else:
            pivot = _median(own[0] >> shift, own[(end - first) // 2] >> shift, own[-1] >> shift)
            lower, upper = _find(tied, pivot), _find(tied, pivot + 1)
            below = first + num_below(ranks, order[first:end], pivot)
            above = first + num_below(ranks, order[first:end], pivot + 1)
            wanted = lower > 0, upper > lower, upper < tied.shape[0]
            is_known, left, right = _divide(keys, part, above, pivot, ranks.shape[0], wanted, order)
            if not is_known:
                return False
            if lower:
                parts.append(_Part(first, below, tied[:lower], part.budget - 1, left))
            if upper < tied.shape[0]:
                parts.append(_Part(above, end, tied[upper:], part.budget - 1, right))
    return True


@compiled
def _decides(keys, part, shift):
    """Whether a loose place decides about a part's pivot or, if it is not divided, may decide about ties."""
    if part.end - part.first > _SMALL:
        return (
            part.budget == 0
            or is_loose(part.loose, part.first)
            or is_loose(part.loose, part.first + (part.end - part.first) // 2)
            or is_loose(part.loose, part.end - 1)
        )
    for number in range(part.loose.shape[0]):
        for place in range(part.loose[number, 0], part.loose[number, 1]):
            rank = keys[0, MARGIN + place] >> shift
            if _find(part.tied, rank) < _find(part.tied, rank + 1):
                return True
    return False


@compiled
def _find(tied, rank):
    """Number of ranks below `rank`."""
    low, high = 0, tied.shape[0]
    while low < high:
        middle = (low + high) // 2
        if tied[middle] < rank:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def num_below(ranks: np.ndarray, order: np.ndarray, rank: int) -> int:
    """Number of sorted rows that have a lower rank."""
    low, high = 0, order.shape[0]
    while low < high:
        middle = (low + high) // 2
        if ranks[order[middle]] < rank:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _median(low, middle, high):
    return max(min(low, middle), min(max(low, middle), high))


@compiled
def _divide(keys, part, middle, pivot, num_ranks, wanted, order):
    """Brings keys below, at and above a pivot together, as far as they are wanted.

    Args:
        keys: memory of `room_for_keys`, which has the keys of the node.
        part: the part of them to divide.
        middle: the place after the keys below and at the pivot, when it is done.
        pivot: a rank.
        num_ranks: more than the highest rank.
        wanted: whether the keys below, at and above the pivot are wanted.
        order: the node's rows, sorted; those at the pivot are set, if they are wanted.

    Returns:
        Whether all that is wanted is known; loose places among the keys below the pivot, and above.
    """
    own, shift = keys[0], 4 * keys.itemsize
    below, above, highest = pivot << shift, (pivot + 1) << shift, num_ranks << shift
    with_left, with_middle, with_right = wanted
    is_known, left, right = True, part.loose, part.loose
    if part.loose.shape[0]:
        is_known, left, right = exchange_loose(
            own[MARGIN:], part.first, middle, part.end, above, part.loose
        )
    first, middle, end = MARGIN + part.first, MARGIN + middle, MARGIN + part.end
    exchange(keys, first, middle, end, above, highest, with_left or with_middle, with_right)
    if left.shape[0] and (with_left or with_middle):
        is_known &= not (with_middle and has_large(own[MARGIN:], below, left))
        left = take_loose(own[MARGIN:], part.first, below, left)
    if with_middle:
        # A key below the pivot is exchanged with the first of those at it.
        equal, front = keys[1], 0
        for place in range(middle - first):
            key = own[first + place]
            is_below = key < below
            equal[place] = equal[front] if is_below else key
            front += is_below
        rows_of_keys(equal[front : middle - first], order[part.first + front :])
    if with_left:
        # Keys behind them may be overwritten (blocks.py).
        behind = keys[1, :MARGIN]
        copy(own[middle : middle + MARGIN], behind)
        take(own, first, middle, 0, below, own, first)
        copy(behind, own[middle:])
    return is_known, left, right


@compiled
def _sort_by_insertion(keys, shift):
    row = (1 << shift) - 1
    for next_place in range(1, keys.shape[0]):
        key = keys[next_place]
        place = next_place
        while place > 0 and keys[place - 1] > key | row:
            keys[place] = keys[place - 1]
            place -= 1
        keys[place] = key


@compiled
def _sift_down(keys, shift, root, end):
    row = (1 << shift) - 1
    while True:
        child, largest = 2 * root + 1, root
        if child < end and keys[largest] | row < keys[child]:
            largest = child
        if child + 1 < end and keys[largest] | row < keys[child + 1]:
            largest = child + 1
        if largest == root:
            return
        keys[root], keys[largest] = keys[largest], keys[root]
        root = largest


@compiled
def _heapsort(keys, shift):
    num = keys.shape[0]
    for root in range((num - 2) // 2, -1, -1):
        _sift_down(keys, shift, root, num)
    for end in range(num - 1, 0, -1):
        keys[0], keys[end] = keys[end], keys[0]
        _sift_down(keys, shift, 0, end)
