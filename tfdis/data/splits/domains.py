"""Interpolation, extrapolation and composition: whole ranges of values are held out.

The published splits are defined by their label files alone (`ListedCells` reads them); these follow the
same rules with cuts of their own, chosen so that the share that is trained on is nearest to the published
30 %. Results with them are not comparable with published ones, hence `_like`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tfdis import registry
from tfdis.data.splits.grid import FactorGrid
from tfdis.data.splits.split import Split

_SHARE = 0.3


class _Domain(Split):
    """Cuts every ordered factor at one fraction of its values, and finds the fraction."""

    def __init__(self, categorical: Sequence[str | int] = (), share: float = _SHARE):
        if not 0 < share < 1:
            raise ValueError(f"{type(self).__name__}: expected 0 < share < 1. Received: {share!r}.")
        self.categorical = tuple(categorical)
        self.share = share

    def weights(self, grid: FactorGrid) -> np.ndarray:
        fixed = {grid.axis(factor) for factor in self.categorical}
        cut = [axis for axis, size in enumerate(grid.sizes) if axis not in fixed and size > 2]
        found = [self._kept(grid, cut, fraction) for fraction in np.linspace(0.02, 0.98, 49)]
        best = min(found, key=lambda kept: abs(kept.mean() - self.share))
        return best.astype(np.float64)

    def _kept(self, grid: FactorGrid, cut: Sequence[int], fraction: float) -> np.ndarray:
        """Which combinations are trained on, bool of shape `grid.sizes`."""
        raise NotImplementedError


def _count_marked(grid: FactorGrid, cut: Sequence[int], mark: Callable) -> np.ndarray:
    """For every combination, the number of factors whose value is marked."""
    count = np.zeros(grid.sizes, np.int64)
    for axis in cut:
        shape = [-1 if axis == other else 1 for other in range(len(grid.sizes))]
        count = count + mark(grid.sizes[axis]).reshape(shape)
    return count


@registry.split("interpolation_like")
class InterpolationLike(_Domain):
    """Holds out every image in which any factor has a held-out value between others.

    Args:
        categorical: factors whose values have no order, by name or position; they are not cut.
        share: share of the combinations that is trained on, met as nearly as cuts allow.

    Raises:
        ValueError: a share outside of (0, 1).

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within
        the Same Domain", ICLR. arXiv:2107.08221.
    """

    def _kept(self, grid, cut, fraction):
        def interior(size):
            marked = np.zeros(size, np.int64)
            num = round(fraction * (size - 2))
            marked[1 + np.round(np.linspace(0, size - 3, num)).astype(int)] = 1
            return marked

        return _count_marked(grid, cut, interior) == 0


@registry.split("extrapolation_like")
class ExtrapolationLike(_Domain):
    """Keeps the images in which every factor is below its cut.

    Args:
        categorical: factors whose values have no order, by name or position; they are not cut.
        share: share of the combinations that is trained on, met as nearly as cuts allow.

    Raises:
        ValueError: a share outside of (0, 1).

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within
        the Same Domain", ICLR. arXiv:2107.08221.
    """

    def _kept(self, grid, cut, fraction):
        return _count_marked(grid, cut, lambda size: _above(size, fraction)) == 0


@registry.split("composition_like")
class CompositionLike(_Domain):
    """Holds out the images in which two or more factors are above their cuts together.

    Args:
        categorical: factors whose values have no order, by name or position; they are not cut.
        share: share of the combinations that is trained on, met as nearly as cuts allow.

    Raises:
        ValueError: a share outside of (0, 1).

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within
        the Same Domain", ICLR. arXiv:2107.08221.
    """

    def _kept(self, grid, cut, fraction):
        return _count_marked(grid, cut, lambda size: _above(size, fraction)) < 2


def _above(size: int, fraction: float) -> np.ndarray:
    """1 for values from the cut on; at least one value is below it."""
    return (np.arange(size) >= max(1, round((1 - fraction) * size))).astype(np.int64)
