"""The random order in which scikit-learn sorts a node's columns."""

from typing import NamedTuple

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled
from tfdis.dlib.scoring.trees.orders import Orders, copy, rows_by

# Values of a column that are not further apart than this are one value to scikit-learn.
THRESHOLD = np.float32(1e-7)


class Draws(NamedTuple):
    """The random state of a tree.

    Attributes:
        state: state of the generator `[1]`.
        features: the columns in the order that the draws left `[num_columns]`.
        constants: columns that are constant in the last node, its ancestors' first `[num_columns]`.
        num_constant: number of those columns `[1]`.
        drawn: the other columns of that node, in the order in which they are sorted
            `[num_columns]`.
    """

    state: np.ndarray
    features: np.ndarray
    constants: np.ndarray
    num_constant: np.ndarray
    drawn: np.ndarray


@compiled
def column_of(drawn: int) -> int:
    """Number of a column that was drawn; ~number stands for one that is constant but for the threshold."""
    return max(drawn, ~drawn)


@compiled
def _draw(state, num):
    """A number below `num` of scikit-learn's generator, xorshift with 32 bits."""
    bits = state[0] if state[0] else 1
    bits ^= (bits << 13) & 0xFFFFFFFF
    bits ^= bits >> 17
    bits ^= (bits << 5) & 0xFFFFFFFF
    state[0] = bits
    return (bits & 0x7FFFFFFF) % num


@compiled
def draw_columns(draws: Draws, columns: np.ndarray, orders: Orders) -> np.ndarray:
    """Draws a node's columns one after the other until all that are left are constant.

    A constant column costs no search. Those of a node are constant in its children too: they are kept in
    front of the others, as scikit-learn keeps them, because the draws depend on their places.

    Args:
        draws: the draws of the tree, which are changed; `num_constant` is that of the node's parent
            before, and the node's afterwards.
        columns: values of all rows `[num_columns, num_rows]`.
        orders: the orders of the node's rows.

    Returns:
        The columns in the order in which they are sorted. A column that is constant but for the
        threshold, and is sorted nevertheless, is given as ~column.
    """
    features, num_known = draws.features, draws.num_constant[0]
    num_left = features.shape[0]
    num_found = num_passed = num_drawn = 0
    while num_left > num_known + num_found:
        place = num_passed + _draw(draws.state, num_left - num_found - num_passed)
        if place < num_known:
            features[num_passed], features[place] = features[place], features[num_passed]
            num_passed += 1
            continue
        place += num_found
        feature = features[place]
        order = rows_by(orders, feature)
        lowest, highest = columns[feature, order[0]], columns[feature, order[-1]]
        if highest <= lowest + THRESHOLD:
            first = num_known + num_found
            features[place], features[first] = features[first], features[place]
            num_found += 1
            if highest == lowest:
                continue  # Sorting equal values changes nothing.
            feature = ~feature
        else:
            num_left -= 1
            features[num_left], features[place] = features[place], features[num_left]
        draws.drawn[num_drawn] = feature
        num_drawn += 1
    total = num_known + num_found
    copy(draws.constants[:num_known], features)
    copy(features[num_known:total], draws.constants[num_known:])
    draws.num_constant[0] = total
    return draws.drawn[:num_drawn]
