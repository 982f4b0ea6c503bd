"""The rows of a node in the order of each column, and how they are divided between its children."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled


class Orders(NamedTuple):
    """The rows of a node in the order of each column, equal values in any order.

    Attributes:
        rows: rows of all nodes of a level; a node has the same places in every column
            `[num_columns, num_rows]`.
        start: the node's first place.
        end: the place after its last.
    """

    rows: np.ndarray
    start: int
    end: int


@compiled
def rows_by(orders: Orders, column: int) -> np.ndarray:
    """The node's rows in the order of a column `[num]`."""
    return orders.rows[column, orders.start : orders.end]


@compiled
def copy(source: np.ndarray, target: np.ndarray) -> None:
    """Copies numbers; a loop is compiled in a fraction of the time that an assignment to a slice takes."""
    for place in range(source.shape[0]):
        target[place] = source[place]


@compiled
def divide_order(
    order: np.ndarray, divided: np.ndarray, goes_left: np.ndarray, num_left: int
) -> None:
    """Sets `divided` to the rows that go left, then the others, each in the order that they had."""
    left, right = 0, num_left
    for row in order:
        goes = int(goes_left[row])
        divided[left if goes else right] = row
        left += goes
        right += 1 - goes


@compiled
def divide_rows(rows: np.ndarray, goes_left: np.ndarray) -> None:
    """Brings the rows that go left to the front by exchanges with the last rows, as scikit-learn does."""
    first, end = 0, rows.shape[0]
    while first < end:
        row = rows[first]
        if goes_left[row]:
            first += 1
        else:
            end -= 1
            rows[first], rows[end] = rows[end], row
