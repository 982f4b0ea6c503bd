"""The samples of a fit by column, each sorted once for all of its trees."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.draws import THRESHOLD


class SortedColumns(NamedTuple):
    """What all trees of a fit share.

    Attributes:
        values: values by column `[num_columns, num_rows]`, float32.
        orders: the rows, sorted by each column, equal values in any order
            `[num_columns, num_rows]`.
        ranks: ranks of the rows in each column, the same for equal values `[num_columns, num_rows]`.
        longest: number of rows in each column's longest run of neighbours within the threshold
            `[num_columns]`.
        num_ties: number of neighbours of equal value in rows that differ, in other columns or in
            their labels, in each column `[num_columns]`.
        tied: rows whose value other rows have, too, sorted by column and value `[num_tied]`.
        tied_start: the first of each column's places in `tied` `[num_columns + 1]`.
        twins: rows with the same number have the same values in all columns `[num_rows]`.
        inverse: 1 / number for 1, 2, ... rows, and for num_rows - 1, num_rows - 2, ... ones, 0 for none
            `[2, num_rows]`.
    """

    values: np.ndarray
    orders: np.ndarray
    ranks: np.ndarray
    longest: np.ndarray
    num_ties: np.ndarray
    tied: np.ndarray
    tied_start: np.ndarray
    twins: np.ndarray
    inverse: np.ndarray


def _longest_run(is_joined: np.ndarray) -> int:
    """Members of the longest run, given whether each but the first is joined to the one before."""
    ends = np.flatnonzero(np.concatenate([[True], ~is_joined, [True]]))
    return int(np.diff(ends).max())


def _number_twins(samples: np.ndarray) -> np.ndarray:
    """A number for every row, the same for rows that are the same in every bit."""
    rows = np.ascontiguousarray(samples)
    bits = rows.view(np.dtype((np.void, rows.shape[1] * rows.itemsize))).ravel()
    return np.unique(bits, return_inverse=True)[1]


def sort_columns(samples: np.ndarray, labels: np.ndarray) -> SortedColumns:
    """Sorts the columns of samples.

    Args:
        samples: float32 `[num_rows, num_columns]`, finite.
        labels: labels of the rows, small whole numbers `[num_rows]`.
    """
    values = np.ascontiguousarray(samples.T)
    orders = np.argsort(values, axis=1).astype(np.uint32)
    ascending = np.take_along_axis(values, orders, axis=1)
    twins = _number_twins(samples)
    equal = ascending[:, 1:] == ascending[:, :-1]
    column, place = np.nonzero(equal)
    row, other = orders[column, place], orders[column, place + 1]
    differ = (twins[row] != twins[other]) | (labels[row] != labels[other])
    ranks = np.empty(orders.shape, np.int32)
    np.put_along_axis(ranks, orders, np.cumsum(np.pad(~equal, ((0, 0), (1, 0))), axis=1), axis=1)
    is_tied = np.pad(equal, ((0, 0), (1, 0))) | np.pad(equal, ((0, 0), (0, 1)))
    joined = ascending[:, 1:] <= ascending[:, :-1] + THRESHOLD
    inverse = 1.0 / np.arange(1, len(samples) + 1)
    return SortedColumns(
        values=values,
        orders=orders,
        ranks=ranks,
        longest=np.array([_longest_run(row) for row in joined]),
        num_ties=np.bincount(column[differ], minlength=len(values)),
        tied=orders[is_tied],
        tied_start=np.concatenate([[0], np.cumsum(is_tied.sum(axis=1))]),
        twins=twins,
        inverse=np.stack([inverse, np.append(inverse[-2::-1], 0.0)]),
    )
