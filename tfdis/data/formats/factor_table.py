"""Tables of factor values, one row for each image, and the grid that they must cover."""

import math
from collections.abc import Sequence

import numpy as np

from tfdis.data.state_space import FactorStateSpace, check_factor_values


def codes_of(column: np.ndarray) -> tuple[np.ndarray, int]:
    """Ranks of a factor's values among its different values, and the number of those."""
    values, codes = np.unique(column, return_inverse=True)
    return codes.ravel().astype(np.int64), len(values)


def check_table_is_grid(table: np.ndarray, factor_sizes: Sequence[int], what: str) -> None:
    """Refuses a table unless it counts through all factors, the last one fastest.

    Args:
        table: numbers `[num_images, num_factors]`; equal numbers stand for equal values, ordered by
            size.
        factor_sizes: number of values of each factor.
        what: name of the table's owner, for the message.

    Raises:
        ValueError: a factor has another number of values, or the rows are in another order.
    """
    columns = [codes_of(table[:, index]) for index in range(table.shape[1])]
    sizes = [size for _, size in columns]
    if sizes != list(factor_sizes):
        raise ValueError(
            f"Expected factors with {list(factor_sizes)} values in the {what}. Received: {sizes}. "
            "The file was left as it is. Fix: download it again, or move it away."
        )
    rows = rows_of_grid(np.stack([codes for codes, _ in columns], axis=1), factor_sizes, what)
    wrong = np.flatnonzero(rows != np.arange(len(rows)))
    if wrong.size:
        raise ValueError(
            f"Expected the {what} to count through all factors, the last one fastest. Received: "
            f"another order from row {wrong[0]} on. The file was left as it is. "
            "Fix: download it again, or move it away."
        )


def rows_of_grid(codes: np.ndarray, factor_sizes: Sequence[int], what: str) -> np.ndarray:
    """For each point of the grid, the row of a table that describes it.

    Args:
        codes: integers `[num_images, num_factors]`.
        factor_sizes: number of values of each factor.
        what: name of the table's owner, for the message.

    Returns:
        int64 `[num_images]`, in the order of the grid, the last factor fastest.

    Raises:
        ValueError: a code lies outside the grid, or a point has no row or several rows.
    """
    space = FactorStateSpace(factor_sizes)
    check_factor_values(codes, factor_sizes, f"in the {what}")
    num_states = math.prod(factor_sizes)
    if num_states > 2 * len(codes):
        raise ValueError(
            f"Expected each of the {num_states} combinations of {list(factor_sizes)} factor values "
            f"once in the {what}. Received: {len(codes)} rows."
        )
    states = space.states_of(codes)
    rows = np.full(space.num_states, -1, dtype=np.int64)
    rows[states] = np.arange(len(states))
    missing = np.flatnonzero(rows < 0)
    if missing.size or len(states) != space.num_states:
        first = space.factors_of(missing[:1])[0].tolist() if missing.size else None
        where = f", the first one missing is {first}" if missing.size else ""
        raise ValueError(
            f"Expected each of the {space.num_states} combinations of {list(factor_sizes)} factor "
            f"values once in the {what}. Received: {len(states)} rows, {missing.size} combinations "
            f"missing{where}, {len(states) - space.num_states + missing.size} repeated."
        )
    return rows
