"""What a split is: a weight for every combination of ground-truth factors."""

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.splits.grid import FactorGrid
from tfdis.data.splits.split_data import SplitData


class Split:
    """Base of splits: subclasses implement `weights`.

    In gin: `dataset.split = @correlated_factors()`. Only what a model is trained on is split; metrics see
    the whole data set.
    """

    def weights(self, grid: FactorGrid) -> np.ndarray:
        """Relative frequencies of all combinations, an array of shape `grid.sizes`; 0 holds one out."""
        raise NotImplementedError

    def __call__(self, data: EnumerableData) -> SplitData:
        """The data set, drawn as the split says."""
        return SplitData(data, self)

    def describe(self) -> str:
        """The split in one line, for results: its class and options."""
        options = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({options})"
