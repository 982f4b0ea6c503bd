"""The best cut of a column: where the residuals left and right of it have the largest squared means.

A cut's gain is (sum left)^2 / (rows left) + (sum right)^2 / (rows right). A first, fast pass multiplies by
1 / rows; only blocks of cuts that may hold a better one than the best so far are computed as scikit-learn does.
"""

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.draws import THRESHOLD

_BLOCK = 256
# By how much the first pass may be off, as a share of the gain.
_ROUNDING = 1e-12
_HALF_ULP = 2.0**-53


@compiled
def sum_up(order: np.ndarray, residuals: np.ndarray, sums: np.ndarray) -> None:
    """Sets `sums` to the sums of the residuals of the first 1, 2, ... rows."""
    total = 0.0
    for place in range(order.shape[0]):
        total += residuals[order[place]]
        sums[place] = total


@compiled
def _num_above(bound, sums, total, inverse_left, inverse_right):
    """Number of the cuts behind some places that gain more than a bound, nearly."""
    num = 0  # A sum of truth values is vectorised, a maximum is not.
    for place in range(sums.shape[0]):
        left = sums[place]
        right = total - left
        gain = left * left * inverse_left[place] + right * right * inverse_right[place]
        num += gain > bound
    return num


@compiled
def _gain(left, right, num_left, num_right):
    return left * left / num_left + right * right / num_right


@compiled
def doubt_of_sums(num: int, squares: float) -> float:
    """Bound of the distance between two sums of the same residuals in different orders.

    A sum of n residuals is wrong by less than n u sum |r|, u = 2^-53, or twice that if it begins with the
    total; and sum |r| <= sqrt(n sum r^2).
    """
    return 4.0 * num * _HALF_ULP * np.sqrt(num * squares)


@compiled
def lowest_rival(gain: float, doubt: float) -> float:
    """The gain from which on another cut might be the better one, if sums left of cuts are in doubt.

    An error d of the sum left of a cut changes its gain by at most 2 d (|left| / n_left + |right| / n_right)
    + d^2 (1 / n_left + 1 / n_right), and |left| <= sqrt(gain n_left), |right| <= sqrt(gain n_right).
    """
    return gain - 4.0 * doubt * np.sqrt(max(gain, 0.0)) - 2.0 * doubt * doubt


@compiled
def best_cut(
    order: np.ndarray,
    column: np.ndarray,
    residuals: np.ndarray,
    total: float,
    inverse: np.ndarray,
    longest: int,
    sums: np.ndarray,
    doubt: float,
    best: float,
    rivals: int,
) -> tuple[int, float, int, float]:
    """Finds the first of the best cuts of a column that is better than the best so far.

    Args:
        order: the node's rows, sorted by the column `[num]`.
        column: values of the column in all rows `[num_rows]`.
        residuals: residuals of all rows `[num_rows]`.
        total: sum of the node's residuals.
        inverse: 1 / number for 1, 2, ... rows, and for num_rows - 1, num_rows - 2, ... ones `[2, num_rows]`.
        longest: number of rows in the column's longest run of values that are not cut apart.
        sums: memory for the node's sums `[num]`.
        doubt: largest possible error of the sums left of the cuts.
        best: gain of the best cut so far.
        rivals: number of other cuts that might be better than that one.

    Returns:
        Number of rows left of the best cut, 0 if that is not one of this column; its gain; its
        rivals; and the gain of the column's own best cut, or less if that is no rival.
    """
    num = order.shape[0]
    rows_left, own = 0, -np.inf
    # Up to here fewer rows lie between two cuts than behind them, so that sums run forwards.
    end = max(0, num - longest)
    sum_up(order[:end], residuals, sums)
    # 1 / number of the rows that are right of the cut behind each place.
    falling = inverse[1, inverse.shape[1] - num :]
    for first in range(0, end, _BLOCK):
        last = min(first + _BLOCK, end)
        lowest = lowest_rival(best, doubt)
        bound = lowest * (1.0 - _ROUNDING)
        if not _num_above(
            bound, sums[first:last], total, inverse[0, first:last], falling[first:last]
        ):
            continue
        for place in range(first, last):
            left = sums[place]
            gain = _gain(left, total - left, place + 1.0, num - place - 1.0)
            if gain > lowest and column[order[place + 1]] > column[order[place]] + THRESHOLD:
                own = max(own, gain)
                if gain > best:
                    rows_left = place + 1
                best, lowest, rivals = _compare(gain, best, doubt, rivals)
    found, best, rivals, late = _best_late_cut(
        order, column, residuals, total, sums, end, doubt, best, rivals
    )
    return found if found else rows_left, best, rivals, max(own, late)


@compiled
def _compare(gain, best, doubt, rivals):
    """Takes one more cut into account; returns (the best gain, what its rivals must exceed, rivals)."""
    lowest = lowest_rival(best, doubt)
    if gain > best:
        best, last, lowest = gain, best, lowest_rival(gain, doubt)
        return best, lowest, 0 if last <= lowest else rivals + 1
    return best, lowest, rivals + (gain > lowest)


@compiled
def _best_late_cut(order, column, residuals, total, sums, first, doubt, best, rivals):
    """The same for the cuts behind place `first` and later.

    Where more rows lie between two cuts than behind the second, its left sum is the total less the rows behind.
    """
    num = order.shape[0]
    place = first
    while place > 0 and column[order[place]] <= column[order[place - 1]] + THRESHOLD:
        place -= 1
    left = sums[place - 1] if place else 0.0
    summed = place
    rows_left, own = 0, -np.inf
    last = column[order[place]]
    for place in range(summed + 1, num):
        value = column[order[place]]
        is_cut = value > last + THRESHOLD
        last = value
        if not is_cut:
            continue
        if place - summed <= num - place:
            for row in order[summed:place]:
                left += residuals[row]
        else:
            left = total
            for behind in range(num - 1, place - 1, -1):
                left -= residuals[order[behind]]
        summed = place
        gain = _gain(left, total - left, 1.0 * place, 1.0 * (num - place))
        own = max(own, gain)
        if gain > best:
            rows_left = place
        best, _, rivals = _compare(gain, best, doubt, rivals)
    return rows_left, best, rivals, own
