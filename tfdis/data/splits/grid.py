"""The grid of ground-truth factors, as splits see it."""

from collections.abc import Sequence

import numpy as np


class FactorGrid:
    """The grid of ground-truth factors, by name, with values scaled to [0, 1].

    Args:
        names: names of the factors.
        sizes: numbers of values of the factors.
    """

    def __init__(self, names: Sequence[str], sizes: Sequence[int]):
        self.names, self.sizes = tuple(names), tuple(int(size) for size in sizes)

    def axis(self, factor: str | int) -> int:
        """The position of a factor, given its name or position.

        Raises:
            ValueError: there is no such factor.
        """
        if factor in self.names:
            return self.names.index(factor)
        if isinstance(factor, int) and 0 <= factor < len(self.sizes):
            return factor
        raise ValueError(
            f"Expected a factor of {list(self.names)}, or its position. Received: {factor!r}."
        )

    def scaled(self, factor: str | int) -> np.ndarray:
        """Index / (n - 1) of a factor, shaped so that it broadcasts over the grid."""
        axis = self.axis(factor)
        values = np.arange(self.sizes[axis]) / max(self.sizes[axis] - 1, 1)
        return values.reshape([-1 if axis == other else 1 for other in range(len(self.sizes))])
