"""The grid of all factor values, and how to draw from it in disentanglement_lib's order."""

from collections.abc import Sequence

import numpy as np


def check_factor_values(
    values: np.ndarray, factor_sizes: Sequence[int], source: str = "", hint: str = ""
) -> None:
    """Refuses values of factors that lie outside of their ranges.

    Args:
        values: the array to check.
        factor_sizes: number of values of each factor.
        source: text on where they are from, for the message, such as "in the table of dSprites".
        hint: a sentence for the end of the message.

    Raises:
        ValueError: the array is not `[num, num factors]`, or has a value below 0 or not below the
            factor's size.

    Example:
        >>> check_factor_values(np.array([[0, 2]]), [1, 2])
        Traceback (most recent call last):
        ValueError: Expected factor values from 0 to [0, 1]. Received: from [0, 2] to [0, 2], first in row 0.
    """
    sizes, source = np.array(factor_sizes), f" {source}" if source else ""
    if values.ndim != 2 or values.shape[1] != len(sizes):
        raise ValueError(
            f"Expected factor values of shape [num, {len(sizes)}]{source}. Received: shape {values.shape}."
        )
    outside = np.flatnonzero(np.any((values < 0) | (values >= sizes), axis=1))
    if outside.size:
        raise ValueError(
            f"Expected factor values from 0 to {(sizes - 1).tolist()}{source}. Received: from "
            f"{values.min(axis=0).tolist()} to {values.max(axis=0).tolist()}, first in row {outside[0]}.{hint}"
        )


class FactorStateSpace:
    """The grid of all combinations of factor values, the last factor varying fastest.

    Some factors may be hidden: they are no ground truth, and are drawn anew for every image (the
    shape of `dsprites_noshape`). The sequence of `randint` calls is disentanglement_lib's: one call
    for each factor, visible factors first, in the order given, then the hidden ones, also those
    with one value only.

    Args:
        factor_sizes: numbers of values of the factors, hidden ones included.
        latent_factor_indices: positions of the factors that are ground truth; by default all.

    Raises:
        ValueError: a size is below 1, or an index is repeated or out of range.

    Example:
        >>> space = FactorStateSpace([3, 2, 2], latent_factor_indices=[1, 2])
        >>> space.num_states, space.latent_factor_sizes
        (12, (2, 2))
    """

    def __init__(
        self, factor_sizes: Sequence[int], latent_factor_indices: Sequence[int] | None = None
    ):
        self.factor_sizes = tuple(int(size) for size in factor_sizes)
        if not self.factor_sizes or min(self.factor_sizes) < 1:
            raise ValueError(
                f"Expected factor sizes of at least 1. Received: {list(factor_sizes)}. "
                "Fix: give every factor its number of values."
            )
        positions = range(len(self.factor_sizes))
        indices = positions if latent_factor_indices is None else latent_factor_indices
        self.latent_factor_indices = tuple(int(index) for index in indices)
        if len(set(self.latent_factor_indices) & set(positions)) != len(self.latent_factor_indices):
            raise ValueError(
                f"Expected different factor positions between 0 and {len(positions) - 1}. "
                f"Received: latent_factor_indices={list(self.latent_factor_indices)}."
            )
        self.hidden_factor_indices = tuple(
            index for index in positions if index not in self.latent_factor_indices
        )
        self._strides = np.cumprod((1,) + self.factor_sizes[:0:-1], dtype=np.int64)[::-1]

    @property
    def num_states(self) -> int:
        """Number of combinations of all factors."""
        return int(np.prod(self.factor_sizes, dtype=np.int64))

    @property
    def latent_factor_sizes(self) -> tuple[int, ...]:
        """Number of values of each ground-truth factor."""
        return tuple(self.factor_sizes[index] for index in self.latent_factor_indices)

    def sample_latent_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws ground-truth factors uniformly: int64 `[num, num latent factors]`."""
        factors = np.zeros((num, len(self.latent_factor_indices)), dtype=np.int64)
        for column, index in enumerate(self.latent_factor_indices):
            factors[:, column] = random_state.randint(self.factor_sizes[index], size=num)
        return factors

    def sample_hidden_factors(
        self, latent_factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        """Completes ground-truth factors with drawn hidden ones: int64 `[num, all factors]`."""
        factors = self.complete(latent_factors)
        for index in self.hidden_factor_indices:
            factors[:, index] = random_state.randint(self.factor_sizes[index], size=len(factors))
        return factors

    def complete(self, latent_factors: np.ndarray) -> np.ndarray:
        """Completes ground-truth factors with the first value of every hidden one.

        Raises:
            ValueError: the array is not `[num, num latent factors]`, or a value lies outside the
                grid.
        """
        latent_factors = np.asarray(latent_factors)
        check_factor_values(latent_factors, self.latent_factor_sizes)
        factors = np.zeros((len(latent_factors), len(self.factor_sizes)), dtype=np.int64)
        factors[:, self.latent_factor_indices] = latent_factors
        return factors

    def states_of(self, factors: np.ndarray) -> np.ndarray:
        """Positions in the grid, int64 `[num]`, of complete factors `[num, all factors]`."""
        return factors @ self._strides

    def factors_of(self, states: np.ndarray) -> np.ndarray:
        """Complete factors, int64 `[num, all factors]`, of positions in the grid `[num]`."""
        states = np.asarray(states, dtype=np.int64)
        return states[:, None] // self._strides % np.array(self.factor_sizes)
