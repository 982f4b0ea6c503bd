"""The rows of a node in the order of each column, and how they are divided between its children."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.blocks import MARGIN
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.exchange import exchange, make_keys, rows_of_keys


class Orders(NamedTuple):
    """The rows of a node in the order of each column, equal values in any order.

    Attributes:
        rows: rows of all nodes of a level; a node has the same places in every column
            `[num_columns, num_rows]`.
        start: the node's first place.
        end: the place after its last.
        node: number of the node: 1 for the root, 2 n and 2 n + 1 for the children of node n.
    """

    rows: np.ndarray
    start: int
    end: int
    node: int


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
    order: np.ndarray, divided: np.ndarray, node_of: np.ndarray, num_left: int
) -> None:
    """Sets `divided` to the rows that go left, then the others, each in the order that they had."""
    left, right = 0, num_left
    for row in order:
        goes_right = np.int64(node_of[row]) & 1
        divided[right if goes_right else left] = row
        left += 1 - goes_right
        right += goes_right


@compiled
def divide_rows(rows: np.ndarray, node_of: np.ndarray, num_left: int, keys: np.ndarray) -> None:
    """Brings the rows that go left to the front by exchanges with the last rows, as scikit-learn does.

    Args:
        rows: rows of a node `[num]`; their order is changed.
        node_of: number of the node that each row goes to, which is even on the left `[num_rows]`.
        num_left: number of rows that go left.
        keys: memory of `room_for_keys`.
    """
    num, shift = rows.shape[0], 4 * keys.itemsize
    make_keys(node_of, rows, keys)
    right = node_of[rows[0]] | 1
    exchange(
        keys,
        MARGIN,
        MARGIN + num_left,
        MARGIN + num,
        right << shift,
        (right + 1) << shift,
        True,
        True,
    )
    rows_of_keys(keys[0, MARGIN : MARGIN + num], rows)
