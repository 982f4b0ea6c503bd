"""What those variants of dSprites share that draw colours or backgrounds."""

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.sets.dsprites.dsprites import DSprites


class ProbabilisticDSprites(GroundTruthData):
    """dSprites painted anew in colour for every image, so that its images cannot be counted.

    Observations are float32; disentanglement_lib's are the same values, in float64 for some sets.

    Args:
        name: the registered name.
        sprites: the white sprites on black.
    """

    def __init__(self, name: str, sprites: DSprites):
        self.name = name
        self.sprites = sprites
        self.factor_names = sprites.factor_names
        self.categorical_factors = sprites.categorical_factors
        self.provenance = sprites.provenance

    @property
    def factors_num_values(self) -> list[int]:
        return self.sprites.factors_num_values

    @property
    def observation_shape(self) -> list[int]:
        return [*self.sprites.observation_shape[:2], 3]

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.sprites.sample_factors(num, random_state)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        masks = self.sprites.sample_observations_from_factors(factors, random_state)
        return self.paint(masks, random_state)

    def paint(self, masks: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
        """Paints masks `[num, 64, 64, 1]` of 0 and 1: float32 `[num, 64, 64, 3]`."""
        raise NotImplementedError
