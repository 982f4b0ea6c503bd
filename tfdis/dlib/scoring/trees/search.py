"""Finds the cut of a node, and the order in which scikit-learn's search for it leaves its rows.

That order, and the rounding of sums, depend on where equal values of a column are, which takes long to find
out and rarely matters. Cuts are first compared with equal values in any order. Only if the best is better by
less than rounding can account for is the search repeated, all columns sorted as scikit-learn sorts them.
"""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.columns import SortedColumns
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.cuts import best_cut, doubt_of_sums
from tfdis.dlib.scoring.trees.draws import column_of
from tfdis.dlib.scoring.trees.orders import Orders, copy, rows_by
from tfdis.dlib.scoring.trees.ties import settle_ties


class Room(NamedTuple):
    """Memory that the nodes of a tree share.

    Attributes:
        sums: memory for sums of residuals `[num_rows]`.
        ties: memory for ranks `[num_rows]`.
        orders: memory for two orders of rows, since the order after a sort depends on the one
            before `[2, num_rows]`.
        keys: memory to sort in, of `room_for_keys`.
        node_of: number of the node that each row is in `[num_rows]`.
    """

    sums: np.ndarray
    ties: np.ndarray
    orders: np.ndarray
    keys: np.ndarray
    node_of: np.ndarray


@compiled
def _find_ties(columns, column, node, room, most):
    """Finds the ranks that several of the node's rows have in a column, rows that differ.

    Args:
        columns: the sorted columns of the fit.
        column: number of the column.
        node: number of the node.
        room: memory; its `ties` are set to the ranks, rising.
        most: how many to find at most.

    Returns:
        How many were found.
    """
    ranks, twins = columns.ranks[column], columns.twins
    num, last = 0, -1
    for row in columns.tied[columns.tied_start[column] : columns.tied_start[column + 1]]:
        if room.node_of[row] != node:
            continue
        rank = ranks[row]
        if last >= 0 and ranks[last] == rank and twins[last] != twins[row]:
            if num == 0 or room.ties[num - 1] != rank:
                room.ties[num] = rank
                num += 1
            if num == most:
                break
        last = row
    return num


@compiled
def _sort(columns, column, orders, before, room, slot):
    """Sorts rows by a column as scikit-learn does.

    Args:
        columns: the sorted columns of the fit.
        column: number of the column.
        orders: the orders of the node's rows.
        before: the rows in the order before the sort `[num]`.
        room: memory that the nodes share.
        slot: the half of `room.orders` that `before` is not in.
    """
    order = rows_by(orders, column)
    num_ties = _find_ties(columns, column, orders.node, room, order.shape[0])
    if num_ties == 0:
        return order
    settled = room.orders[slot, : order.shape[0]]
    copy(order, settled)
    settle_ties(columns.ranks[column], room.ties[:num_ties], before, room.keys, settled)
    return settled


@compiled
def _search(columns, orders, drawn, residuals, total, doubt, rows, room):
    """Finds the best cut of a node; equal values are in scikit-learn's order if there is no doubt.

    Returns:
        Column, number of rows left of the cut, number of cuts that might be better, and the rows in
        the order of the last column.
    """
    feature, rows_left, best, rivals = -1, 0, -np.inf, 0
    last = rows
    for draw in range(drawn.shape[0]):
        column = column_of(drawn[draw])
        order = rows_by(orders, column)
        if doubt == 0.0:
            order = _sort(columns, column, orders, last, room, draw % 2)
        last = order
        if drawn[draw] >= 0:
            found, best, rivals = best_cut(
                order,
                columns.values[column],
                residuals,
                total,
                columns.inverse,
                columns.longest[column],
                room.sums[: rows.shape[0]],
                doubt,
                best,
                rivals,
            )
            if found:
                feature, rows_left = column, found
    return feature, rows_left, rivals, last


@compiled
def _sort_in_turn(columns, orders, drawn, rows, room):
    """The rows after they were sorted by one column after the other."""
    # What was before a column without ties does not matter.
    first = drawn.shape[0] - 1
    while first > 0:
        if _find_ties(columns, column_of(drawn[first]), orders.node, room, 1) == 0:
            break
        first -= 1
    for draw in range(first, drawn.shape[0]):
        column = column_of(drawn[draw])
        rows = _sort(columns, column, orders, rows, room, draw % 2)
    return rows


@compiled
def find_cut(
    columns: SortedColumns,
    orders: Orders,
    drawn: np.ndarray,
    residuals: np.ndarray,
    total: float,
    squares: float,
    rows: np.ndarray,
    room: Room,
) -> tuple[int, int]:
    """Finds the cut that scikit-learn finds.

    Args:
        columns: the sorted columns of the fit.
        orders: the orders of the node's rows.
        drawn: columns that scikit-learn sorts, one after the other.
        residuals: residuals of all rows `[num_rows]`.
        total: sum of the node's residuals.
        squares: sum of the squares of the node's residuals.
        rows: the node's rows in their present order `[num]`; changed to the order after the search.
        room: memory that the nodes share.

    Returns:
        Column, and number of rows left of the cut; 0 rows if the node cannot be cut.
    """
    doubt = 0.0
    for draw in drawn:
        if columns.num_ties[column_of(draw)]:
            doubt = doubt_of_sums(rows.shape[0], squares)
    feature, rows_left, rivals, last = _search(
        columns, orders, drawn, residuals, total, doubt, rows, room
    )
    if rivals > 0:
        feature, rows_left, _, last = _search(
            columns, orders, drawn, residuals, total, 0.0, rows, room
        )
    elif doubt > 0.0:
        last = _sort_in_turn(columns, orders, drawn, rows, room)
    copy(last, rows)
    return feature, rows_left
