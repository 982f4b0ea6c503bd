"""Finds the cut of a node, and the order in which scikit-learn's search for it leaves its rows.

That order, and the rounding of sums, depend on where equal values of a column are, which takes long to find
out and rarely matters. Cuts are first compared with equal values in any order. Only if the best is better by
less than rounding can account for is the search repeated, in the columns that have such a cut, sorted as
scikit-learn sorts them. The rows stay as the sort by the last column leaves them. To know that order, the sorts
before it are seldom needed (loose.py).
"""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.columns import SortedColumns
from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.cuts import best_cut, doubt_of_sums, lowest_rival
from tfdis.dlib.scoring.trees.draws import column_of
from tfdis.dlib.scoring.trees.orders import Orders, copy, rows_by
from tfdis.dlib.scoring.trees.ties import num_below, settle_ties

# If more values than this are equal, or more rows have the same, their order is found at once.
_MOST_LOOSE = 64


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
def _differ(columns, residuals, row, other):
    """Whether two rows differ in a column or in their residual; if not, either may come first."""
    return columns.twins[row] != columns.twins[other] or residuals[row] != residuals[other]


@compiled
def _find_ties(columns, column, residuals, node, room, most):
    """Finds the ranks that several of the node's rows have in a column, rows that differ.

    Args:
        columns: the sorted columns of the fit.
        column: number of the column.
        residuals: residuals of all rows `[num_rows]`.
        node: number of the node.
        room: memory; its `ties` are set to the ranks, rising.
        most: how many to find at most.

    Returns:
        How many were found.
    """
    ranks = columns.ranks[column]
    num, last = 0, -1
    for row in columns.tied[columns.tied_start[column] : columns.tied_start[column + 1]]:
        if room.node_of[row] != node:
            continue
        rank = ranks[row]
        if last >= 0 and ranks[last] == rank and _differ(columns, residuals, last, row):
            if num == 0 or room.ties[num - 1] != rank:
                room.ties[num] = rank
                num += 1
            if num == most:
                break
        last = row
    return num


@compiled
def _sort(columns, column, residuals, orders, before, loose, room, slot):
    """Sorts rows by a column as scikit-learn does.

    Args:
        columns: the sorted columns of the fit.
        column: number of the column.
        residuals: residuals of all rows `[num_rows]`.
        orders: the orders of the node's rows.
        before: the rows in the order before the sort `[num]`.
        loose: stretches of places within which that order is not known `[num_loose, 2]`.
        room: memory that the nodes share.
        slot: the half of `room.orders` that `before` is not in.

    Returns:
        Whether the order does not depend on what is not known, and the order.
    """
    order = rows_by(orders, column)
    num_ties = _find_ties(columns, column, residuals, orders.node, room, order.shape[0])
    if num_ties == 0:
        return True, order
    settled = room.orders[slot, : order.shape[0]]
    copy(order, settled)
    ranks, tied = columns.ranks[column], room.ties[:num_ties]
    return settle_ties(ranks, tied, before, loose, room.keys, settled), settled


@compiled
def _loose_places(columns, column, next_column, residuals, orders, room):
    """Finds the places of rows that are equal in a column, once the rows have been sorted by it.

    Returns:
        Whether a sort by the next column may leave the same order for any order there: not if rows are
        equal in both, and hardly if they are many. And the stretches of places.
    """
    order = rows_by(orders, column)
    ranks, next_ranks = columns.ranks[column], columns.ranks[next_column]
    num = _find_ties(columns, column, residuals, orders.node, room, _MOST_LOOSE + 1)
    loose = np.empty((num, 2), np.int64)
    if num > _MOST_LOOSE:
        return False, loose
    for number in range(num):
        rank = room.ties[number]
        first, end = num_below(ranks, order, rank), num_below(ranks, order, rank + 1)
        loose[number, 0], loose[number, 1] = first, end
        if end - first > _MOST_LOOSE:
            return False, loose
        for place in range(first + 1, end):
            row, other = order[place], order[place - 1]
            if next_ranks[row] == next_ranks[other] and _differ(columns, residuals, row, other):
                return False, loose
    return True, loose


class _Sorted(NamedTuple):
    """How far scikit-learn's sorts of a node's columns have been followed.

    Attributes:
        num: number of columns that the rows were sorted by.
        rows: the rows in the order after that.
        slot: the half of `room.orders` that they are not in.
    """

    num: int
    rows: np.ndarray
    slot: int


@compiled
def _sort_in_turn(columns, residuals, orders, drawn, done, num, room):
    """Sorts rows by the columns that are drawn until `num` columns are done.

    A sort that nothing depends on is passed over: the last one is tried with the order before it loose where
    values are equal; if something in it depends on that, the sort before is tried, and so on.
    """
    for tried in range(num, done.num, -1):
        column = column_of(drawn[tried - 1])
        if _find_ties(columns, column, residuals, orders.node, room, 1) == 0:
            done = _Sorted(tried, rows_by(orders, column), done.slot)
            break
        if tried == done.num + 1:
            break
        previous = column_of(drawn[tried - 2])
        may_be, loose = _loose_places(columns, previous, column, residuals, orders, room)
        if may_be:
            before = rows_by(orders, previous)
            known, rows = _sort(columns, column, residuals, orders, before, loose, room, done.slot)
            if known:
                done = _Sorted(tried, rows, 1 - done.slot)
                break
    none = np.empty((0, 2), np.int64)
    for sorted_by in range(done.num, num):
        column = column_of(drawn[sorted_by])
        _, rows = _sort(columns, column, residuals, orders, done.rows, none, room, done.slot)
        done = _Sorted(sorted_by + 1, rows, 1 - done.slot)
    return done


@compiled
def _best_cut(columns, column, order, residuals, total, room, doubt, best, rivals):
    """The best cut of a column, in terms of the structures of this file."""
    return best_cut(
        order,
        columns.values[column],
        residuals,
        total,
        columns.inverse,
        columns.longest[column],
        room.sums[: order.shape[0]],
        doubt,
        best,
        rivals,
    )


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
    done = _Sorted(0, rows, 0)
    gains = np.full(drawn.shape[0], -np.inf)
    feature, rows_left, best, rivals = -1, 0, -np.inf, 0
    for draw in range(drawn.shape[0]):
        if drawn[draw] >= 0:
            order = rows_by(orders, drawn[draw])
            found, best, rivals, gains[draw] = _best_cut(
                columns, drawn[draw], order, residuals, total, room, doubt, best, rivals
            )
            if found:
                feature, rows_left = drawn[draw], found
    # Columns that may have the best cut are searched again; only the last sort matters besides.
    lowest = np.inf
    if rivals > 0:
        lowest, best = lowest_rival(best, doubt), -np.inf
    for draw in range(drawn.shape[0]):
        is_rival = gains[draw] >= lowest
        if is_rival or draw == drawn.shape[0] - 1:
            done = _sort_in_turn(columns, residuals, orders, drawn, done, draw + 1, room)
        if is_rival:
            found, best, rivals, _ = _best_cut(
                columns, drawn[draw], done.rows, residuals, total, room, 0.0, best, rivals
            )
            if found:
                feature, rows_left = drawn[draw], found
    copy(done.rows, rows)
    return feature, rows_left
