"""A data set of which some combinations of factors are drawn more often than others, or never."""

from typing import Any

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.splits.grid import FactorGrid


def whole(data: Any) -> Any:
    """The data set of which a split draws; any other data set itself."""
    return data.data if isinstance(data, SplitData) else data


class SplitData(EnumerableData):
    """The images of a data set, drawn with replacement in proportion to a split's weights.

    Indices, images and factors are the data set's own. Streams, pairs and everything else that draws
    follow the weights; hidden factors are drawn as the data set draws them.

    Args:
        data: a data set that enumerates its images.
        split: the split, a `Split`.

    Raises:
        ValueError: the data set does not enumerate its images, a factor of the split is missing, or
            no combination is left.
    """

    def __init__(self, data: EnumerableData, split: Any):
        if not isinstance(data, EnumerableData):
            raise ValueError(
                f"Expected a data set that enumerates its images, to split it. Received: "
                f"{getattr(data, 'name', data)}, which draws them."
            )
        self.data, self.split = data, split
        super().__init__(
            data.name, data.factor_names, data.state_space, data.image_shape, data.provenance
        )
        self.observation_dtype = data.observation_dtype
        self.categorical_factors = data.categorical_factors
        weights = split.weights(FactorGrid(data.factor_names, data.factors_num_values))
        weights = np.asarray(weights, np.float64)
        if weights.shape != tuple(data.factors_num_values) or not np.all(weights >= 0):
            raise ValueError(
                f"Expected weights of at least 0 of shape {data.factors_num_values} from "
                f"{split.describe()}. Received: shape {weights.shape}."
            )
        if not np.any(weights):
            raise ValueError(
                f"Expected a split of {data.name} that leaves something to train on. Received: "
                f"{split.describe()}, which holds out every combination."
            )
        self.weights = weights
        self._cumulative = np.cumsum(weights.ravel())

    def allows(self, factors: np.ndarray) -> np.ndarray:
        """Which rows of factors `[num, num_factors]` are not held out, bool `[num]`."""
        return self.weights[tuple(np.asarray(factors).T)] > 0

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        places = random_state.random_sample(num) * self._cumulative[-1]
        cells = np.searchsorted(self._cumulative, places, side="right")
        return np.stack(np.unravel_index(cells, self.weights.shape), axis=1)

    def sample_indices(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        factors = self.sample_factors(num, random_state)
        return self.sample_indices_from_factors(factors, random_state)

    def sample_outside(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws factors `[num, num_factors]` uniformly from the combinations that are held out.

        Raises:
            ValueError: nothing is held out.
        """
        outside = np.flatnonzero(self.weights == 0)
        if not outside.size:
            raise ValueError(
                f"Expected a split that holds combinations out. Received: {self.split.describe()}, "
                f"which only draws some of {self.name} more often."
            )
        cells = outside[random_state.randint(outside.size, size=num)]
        return np.stack(np.unravel_index(cells, self.weights.shape), axis=1)

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        return self.data.images_at(indices)

    def factors_to_indices(self, factors: np.ndarray) -> np.ndarray:
        return self.data.factors_to_indices(factors)

    def indices_to_factors(self, indices: np.ndarray) -> np.ndarray:
        return self.data.indices_to_factors(indices)

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return self.data.sample_indices_from_factors(factors, random_state)

    def to_observations(self, images: np.ndarray) -> np.ndarray:
        return self.data.to_observations(images)
