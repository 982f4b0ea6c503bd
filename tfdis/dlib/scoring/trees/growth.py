"""Grows a regression tree of three levels of cuts, node by node as scikit-learn does."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.columns import SortedColumns
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.cutting import EPSILON, NO_CUT, cut_node
from tfdis.dlib.scoring.trees.draws import Draws
from tfdis.dlib.scoring.trees.orders import Orders, divide_order, rows_by
from tfdis.dlib.scoring.trees.search import Room

MAX_DEPTH = 3
MAX_NODES = 2 ** (MAX_DEPTH + 1) - 1


class _Node(NamedTuple):
    """A node that has yet to be visited; the rows from `start` to `end` are its own.

    Its number is 1 for the root, 2 n and 2 n + 1 for the children of node n.
    """

    number: int
    start: int
    end: int
    depth: int
    parent: int
    is_left: bool
    num_constant: int
    impurity: float


@compiled
def _sums(rows, residuals):
    """Sum of the residuals of rows, and of their squares, added in the order of the rows."""
    total = squares = 0.0
    for row in rows:
        total += residuals[row]
        squares += residuals[row] * residuals[row]
    return total, squares


@compiled
def _root(num_rows, residuals, rows):
    """The node that has all rows."""
    total, squares = _sums(rows, residuals)
    mean = total / num_rows
    return _Node(1, 0, num_rows, 0, -1, False, 0, squares / num_rows - mean * mean)


@compiled
def _note(nodes, at, node, cut):
    """Notes a node as scikit-learn's trees keep them."""
    num = node.end - node.start
    kept = nodes[at]
    kept.impurity = node.impurity
    kept.n_node_samples = kept.weighted_n_node_samples = num
    kept.feature, kept.threshold = cut.feature, cut.threshold
    if cut.rows_left == 0:
        kept.left_child = kept.right_child = -1
    else:
        # Where a missing value would go.
        kept.missing_go_to_left = cut.rows_left > num - cut.rows_left
    if node.parent >= 0 and node.is_left:
        nodes[node.parent].left_child = at
    elif node.parent >= 0:
        nodes[node.parent].right_child = at


@compiled
def grow_tree(
    columns: SortedColumns,
    residuals: np.ndarray,
    seed: int,
    nodes: np.ndarray,
    values: np.ndarray,
    leaf_of: np.ndarray,
    keys: np.ndarray,
) -> tuple[int, int]:
    """Grows a tree for residuals.

    Args:
        columns: the sorted columns of the fit.
        residuals: residuals of all rows `[num_rows]`.
        seed: seed of scikit-learn's generator.
        nodes: zeros, which are set to the nodes as scikit-learn's trees keep them `[MAX_NODES]`.
        values: array that is set to the mean residual of every node `[MAX_NODES]`.
        leaf_of: array that is set to the leaf of every row `[num_rows]`.
        keys: memory to sort in.

    Returns:
        Number of nodes, and depth of the tree.
    """
    num_columns, num_rows = columns.orders.shape
    integer = columns.orders.dtype
    room = Room(
        np.empty(num_rows),
        np.empty(num_rows, integer),
        np.empty((2, num_rows), integer),
        keys,
        np.ones(num_rows, np.int8),
    )
    places = np.arange(num_columns)
    num_constant = np.zeros(1, np.int64)
    draws = Draws(np.array([seed]), places, places.copy(), num_constant, places.copy())
    levels = np.empty((MAX_DEPTH - 1, num_columns, num_rows), integer)
    rows = np.arange(num_rows).astype(integer)
    waiting = [_root(num_rows, residuals, rows)]
    num_nodes = deepest = 0
    while len(waiting):
        node = waiting.pop()
        start, end, depth = node.start, node.end, node.depth
        own = rows[start:end]
        total, squares = _sums(own, residuals)
        cut = NO_CUT
        if depth < MAX_DEPTH and end - start > 1 and node.impurity > EPSILON:
            level = columns.orders if depth == 0 else levels[depth - 1]
            orders = Orders(level, start, end, node.number)
            num_constant[0] = node.num_constant
            cut = cut_node(
                columns,
                orders,
                node.impurity,
                total,
                squares,
                residuals,
                own,
                draws,
                room,
            )
        _note(nodes, num_nodes, node, cut)
        values[num_nodes] = total / (end - start)
        if cut.rows_left == 0:
            for row in own:
                leaf_of[row] = num_nodes
        else:
            if depth + 1 < MAX_DEPTH:
                for column in range(num_columns):
                    divided = levels[depth, column, start:end]
                    divide_order(rows_by(orders, column), divided, room.node_of, cut.rows_left)
            constant, middle = num_constant[0], start + cut.rows_left
            left, below = 2 * node.number, depth + 1
            waiting.append(
                _Node(left + 1, middle, end, below, num_nodes, False, constant, cut.right)
            )
            waiting.append(_Node(left, start, middle, below, num_nodes, True, constant, cut.left))
        deepest = max(deepest, depth)
        num_nodes += 1
    return num_nodes, deepest
