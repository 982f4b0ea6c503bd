"""Held-out combinations: some combinations of factors never occur in training."""

import os
import zipfile
from collections.abc import Sequence

import numpy as np

from tfdis import registry
from tfdis.data.formats.errors import archive_error
from tfdis.data.splits.grid import FactorGrid
from tfdis.data.splits.split import Split

# How near to an end of an interval counts as on it.
_MARGIN = 1e-3


@registry.split("held_out")
class HeldOut(Split):
    """Holds out the combinations in which every condition is met.

    Args:
        conditions: tuples (factor, low, high), each of which means low <= value <= high with values
            scaled to [0, 1]. `[("shape", 1, 1), ("x", 0.5, 1)]` is the last shape in the right
            half.

    Raises:
        ValueError: no condition.

    References:
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347.
        Montero et al. (2021), "The Role of Disentanglement in Generalisation", ICLR.
    """

    def __init__(self, conditions: Sequence[tuple]):
        if not conditions or any(len(condition) != 3 for condition in conditions):
            raise ValueError(
                "held_out: expected conditions (factor, low, high), at least one. Received: "
                f"{conditions!r}."
            )
        self.conditions = tuple(tuple(condition) for condition in conditions)

    def weights(self, grid: FactorGrid) -> np.ndarray:
        held_out = np.ones(grid.sizes, bool)
        for factor, low, high in self.conditions:
            values = grid.scaled(factor)
            held_out &= (values >= low - _MARGIN) & (values <= high + _MARGIN)
        return (~held_out).astype(np.float64)


@registry.split("random_cells")
class RandomCells(Split):
    """Keeps a random share of the combinations.

    Args:
        share: share that is kept, above 0 and at most 1.
        seed: seed that chooses the combinations.

    Raises:
        ValueError: a share outside of (0, 1].

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within
        the Same Domain", ICLR. arXiv:2107.08221 (30 % are trained on).
    """

    def __init__(self, share: float = 0.3, seed: int = 0):
        if not 0 < share <= 1:
            raise ValueError(f"random_cells: expected 0 < share <= 1. Received: {share!r}.")
        self.share = share
        self.seed = seed

    def weights(self, grid: FactorGrid) -> np.ndarray:
        num = int(np.prod(grid.sizes))
        kept = np.random.RandomState(self.seed).permutation(num)[: max(1, round(self.share * num))]
        weights = np.zeros(num)
        weights[kept] = 1
        return weights.reshape(grid.sizes)


@registry.split("listed_cells")
class ListedCells(Split):
    """Keeps the combinations that a file lists, as the published label files of a split do.

    Args:
        path: path of an npz file with integers `[num, num_factors]`, factor indices, under the name
            `arr_0`. Nothing in it is executed.

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within
        the Same Domain", ICLR. arXiv:2107.08221 (`dsprites_random_train_labels.npz`, ...).
    """

    def __init__(self, path: str | os.PathLike):
        self.path = os.fspath(path)

    def weights(self, grid: FactorGrid) -> np.ndarray:
        expected = (
            f"factor indices [num, {len(grid.sizes)}] of a grid {list(grid.sizes)} as 'arr_0'"
        )
        try:
            with open(self.path, "rb") as file:
                labels = np.load(file, allow_pickle=False)["arr_0"]
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise archive_error(self.path, expected, str(error)) from error
        shape = labels.shape
        if labels.dtype.kind not in "iuf" or labels.ndim != 2 or shape[1] != len(grid.sizes):
            raise archive_error(self.path, expected, f"{labels.dtype} of shape {shape}")
        cells = labels.astype(np.int64)
        if np.any(cells != labels) or np.any((cells < 0) | (cells >= grid.sizes)):
            raise archive_error(self.path, expected, "values that are no indices of this grid")
        weights = np.zeros(grid.sizes)
        weights[tuple(cells.T)] = 1
        return weights
