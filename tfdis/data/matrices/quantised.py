"""A data set with fewer values of some factors, as matrices of abstract reasoning have them."""

from collections.abc import Sequence

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData


class QuantisedData(GroundTruthData):
    """A data set of which each factor has at most so many values, spread over its range.

    Value v of n stands for the data set's value floor(v * N / n) of N.

    Args:
        data: the data set.
        most_values: the most values of each factor.

    Raises:
        ValueError: the numbers are not one for each factor, or one is below 1.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506 (section 3.1).
    """

    def __init__(self, data: GroundTruthData, most_values: Sequence[int]):
        sizes = list(data.factors_num_values)
        if len(most_values) != len(sizes) or min(most_values) < 1:
            raise ValueError(
                f"Expected one number of values, of at least 1, for each of the {len(sizes)} factors of "
                f"{data.name}. Received: {list(most_values)}."
            )
        self.data = data
        self.name = data.name
        self.factor_names = data.factor_names
        self.provenance = data.provenance
        self._sizes = np.minimum(sizes, most_values)
        self._ratios = np.array(sizes) / self._sizes

    @property
    def factors_num_values(self) -> list[int]:
        return self._sizes.tolist()

    @property
    def observation_shape(self) -> list[int]:
        return self.data.observation_shape

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        columns = [random_state.randint(size, size=num) for size in self._sizes]
        return np.stack(columns, axis=1)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        values = np.floor(factors * self._ratios).astype(np.int64)
        return self.data.sample_observations_from_factors(values, random_state)
