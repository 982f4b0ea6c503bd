"""Cuts one node of a tree."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.columns import SortedColumns
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.draws import Draws, draw_columns
from tfdis.dlib.scoring.trees.orders import Orders, divide_rows, rows_by
from tfdis.dlib.scoring.trees.search import Room, find_cut

# Nodes whose residuals vary less are not cut.
EPSILON = float(np.finfo(np.float64).eps)


class Cut(NamedTuple):
    """The cut of a node.

    Attributes:
        feature: the column; -2 in a leaf, as scikit-learn notes it.
        threshold: rows with at most this value go left; -2 in a leaf.
        rows_left: number of rows that go left; 0 in a leaf.
        left: impurity of the child on the left.
        right: impurity of the child on the right.
    """

    feature: int
    threshold: float
    rows_left: int
    left: float
    right: float


NO_CUT = Cut(-2, -2.0, 0, 0.0, 0.0)


@compiled
def _impurities(rows, num_left, residuals, total, squares):
    """Variances of the residuals left and right of a cut.

    Args:
        rows: rows of the node, those that go left first `[num]`.
        num_left: number of rows that go left.
        residuals: residuals of all rows `[num_rows]`.
        total: sum of the node's residuals.
        squares: sum of the squares of the node's residuals.
    """
    num_right = rows.shape[0] - num_left
    left = 0.0
    if num_left <= num_right:
        for row in rows[:num_left]:
            left += residuals[row]
    else:
        left = total
        for row in rows[num_left:][::-1]:
            left -= residuals[row]
    squares_left = 0.0
    for row in rows[:num_left]:
        squares_left += residuals[row] * residuals[row]
    mean_left, mean_right = left / num_left, (total - left) / num_right
    return (
        squares_left / num_left - mean_left * mean_left,
        (squares - squares_left) / num_right - mean_right * mean_right,
    )


@compiled
def cut_node(
    columns: SortedColumns,
    orders: Orders,
    impurity: float,
    total: float,
    squares: float,
    residuals: np.ndarray,
    rows: np.ndarray,
    draws: Draws,
    room: Room,
) -> Cut:
    """Looks for a cut of a node, and divides its rows by it.

    Args:
        columns: the sorted columns of the fit.
        orders: the orders of the node's rows.
        impurity: variance of the node's residuals.
        total: sum of the node's residuals.
        squares: sum of the squares of the node's residuals.
        residuals: residuals of all rows `[num_rows]`.
        rows: rows of the node in their present order `[num]`; those that go left come to the front.
        draws: the random draws of the tree.
        room: memory that the nodes share.
    """
    num, num_rows = rows.shape[0], residuals.shape[0]
    drawn = draw_columns(draws, columns.values, orders)
    feature, rows_left = find_cut(columns, orders, drawn, residuals, total, squares, rows, room)
    if rows_left == 0:
        return NO_CUT
    order, column = rows_by(orders, feature), columns.values[feature]
    for place in range(num):
        room.node_of[order[place]] = 2 * orders.node + (place >= rows_left)
    divide_rows(rows, room.node_of, rows_left, room.keys)
    left, right = _impurities(rows, rows_left, residuals, total, squares)
    share_left, share_right = rows_left / num, (num - rows_left) / num
    gain = num / num_rows * (impurity - share_right * right - share_left * left)
    if gain + EPSILON < 0.0:
        return NO_CUT
    threshold = column[order[rows_left - 1]] / 2.0 + column[order[rows_left]] / 2.0
    return Cut(feature, threshold, rows_left, left, right)
