"""The order in which scikit-learn's sort leaves equal values.

It sorts a node's rows by an introsort that divides them into three parts, `introsort_3way` in
`sklearn.utils._sorting`; where that leaves equal values depends on the order before. To know it, the same sort
is done, but only in the parts in which some values are equal: a part covers the same places before and
after it is sorted, and where all other values belong is known.
"""

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.orders import copy

# Parts of at most this many rows are sorted by insertion.
_SMALL = 15


@compiled
def count_ties(column: np.ndarray, twins: np.ndarray, order: np.ndarray, ties: np.ndarray) -> int:
    """Counts neighbours of equal value whose exchange could be noticed.

    Args:
        column: values of the column in all rows `[num_rows]`.
        twins: rows with the same number have the same values in all columns and the same label.
        order: the node's rows, sorted by the column `[num]`.
        ties: array that is set to the numbers of such pairs up to each place `[num]`.

    Returns:
        The number of such pairs.
    """
    count = 0
    ties[0] = 0
    for place in range(1, order.shape[0]):
        row, last = order[place], order[place - 1]
        count += column[row] == column[last] and twins[row] != twins[last]
        ties[place] = count
    return count


@compiled
def settle_ties(
    column: np.ndarray, before: np.ndarray, ties: np.ndarray, order: np.ndarray
) -> None:
    """Brings rows of equal value into the order that scikit-learn's sort leaves them in.

    Args:
        column: values of the column in all rows `[num_rows]`.
        before: the node's rows in the order before the sort `[num]`.
        ties: numbers of pairs, as `count_ties` counts them.
        order: the node's rows, sorted by the column `[num]`; their order is changed.
    """
    num = before.shape[0]
    rows = before.copy()
    values = np.empty(num, column.dtype)
    for place in range(num):
        values[place] = column[rows[place]]
    budget = -2
    while num:
        budget += 2
        num >>= 1
    # Parts that are still to be sorted: first place, place after the last, divisions before a heapsort.
    parts = np.empty((128, 3), np.int64)
    parts[0, 0], parts[0, 1], parts[0, 2] = 0, before.shape[0], budget
    count = 1
    while count:
        count -= 1
        first, end, budget = parts[count, 0], parts[count, 1], parts[count, 2]
        if end - first < 2 or ties[end - 1] == ties[first]:
            continue
        if end - first > _SMALL and budget > 0:
            lower, upper = _divide(values, rows, first, end)
            copy(rows[lower:upper], order[lower:])
            parts[count, 0], parts[count, 1], parts[count, 2] = first, lower, budget - 1
            count += 1
            parts[count, 0], parts[count, 1], parts[count, 2] = upper, end, budget - 1
            count += 1
            continue
        if end - first > _SMALL:
            _heapsort(values[first:end], rows[first:end])
        else:
            _sort_by_insertion(values, rows, first, end)
        copy(rows[first:end], order[first:])


@compiled
def _swap(values, rows, first, second):
    values[first], values[second] = values[second], values[first]
    rows[first], rows[second] = rows[second], rows[first]


@compiled
def _divide(values, rows, first, end):
    """Brings values below, at and above a pivot together; returns the bounds of those at it."""
    low, middle, high = values[first], values[first + (end - first) // 2], values[end - 1]
    pivot = max(min(low, middle), min(max(low, middle), high))
    lower, place, upper = first, first, end
    while place < upper:
        value = values[place]
        if value < pivot:
            _swap(values, rows, place, lower)
            place += 1
            lower += 1
        elif value > pivot:
            upper -= 1
            _swap(values, rows, place, upper)
        else:
            place += 1
    return lower, upper


@compiled
def _sort_by_insertion(values, rows, first, end):
    for next_place in range(first + 1, end):
        value, row = values[next_place], rows[next_place]
        place = next_place
        while place > first and values[place - 1] > value:
            values[place], rows[place] = values[place - 1], rows[place - 1]
            place -= 1
        values[place], rows[place] = value, row


@compiled
def _sift_down(values, rows, root, end):
    while True:
        child, largest = 2 * root + 1, root
        if child < end and values[largest] < values[child]:
            largest = child
        if child + 1 < end and values[largest] < values[child + 1]:
            largest = child + 1
        if largest == root:
            return
        _swap(values, rows, root, largest)
        root = largest


@compiled
def _heapsort(values, rows):
    num = values.shape[0]
    for root in range((num - 2) // 2, -1, -1):
        _sift_down(values, rows, root, num)
    for end in range(num - 1, 0, -1):
        _swap(values, rows, 0, end)
        _sift_down(values, rows, 0, end)
