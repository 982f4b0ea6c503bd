"""dummy_data: images of uniform noise, for tests, as disentanglement_lib's set of the same name."""

import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import GroundTruthData


class DummyData(GroundTruthData):
    """Ten factors of five values that have no influence on the image, which is float64 noise."""

    name = "dummy_data"
    factor_names = tuple(f"factor {index}" for index in range(10))
    provenance = "generated"

    @property
    def factors_num_values(self) -> list[int]:
        return [5] * 10

    @property
    def observation_shape(self) -> list[int]:
        return [64, 64, 1]

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return random_state.randint(5, size=(num, self.num_factors))

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return random_state.random_sample(size=(len(factors), 64, 64, 1))


@registry.data_set("dummy_data", matrix_sizes=(5,) * 10)
def dummy_data() -> DummyData:
    """Noise with ten factors that do not influence it, for tests; disentanglement_lib's set."""
    return DummyData()
