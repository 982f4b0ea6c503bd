"""abstract_dsprites: coloured sprites on grey backgrounds, for matrices of abstract reasoning."""

import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.sets.dsprites.dsprites import ORIGINAL, REDRAWN, DSprites, dsprites_images

BACKGROUNDS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
# Six hues of one saturation and lightness, as disentanglement_lib has them: seaborn's
# husl_palette(n_colors=6, h=0.1, s=0.7, l=0.7).
COLOURS = np.array(
    [
        [0.9096231780824386, 0.5883403686424795, 0.3657680693481871],
        [0.6350181801577739, 0.6927729880940552, 0.3626904230371999],
        [0.3764832455369271, 0.7283900430001952, 0.5963114605342514],
        [0.39548987063404156, 0.7073922557810771, 0.7874577552076919],
        [0.6963644829189117, 0.6220697032672371, 0.899716387820763],
        [0.90815966835861, 0.5511103319168646, 0.7494337214212151],
    ]
)


class AbstractDSprites(GroundTruthData):
    """Background 5, colour 6, shape 3, scale 6, x 32, y 32; the orientation is drawn for every image.

    Observations are float32; disentanglement_lib's are the same values in float64.

    Args:
        sprites: dSprites with the factors shape, scale, x and y.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506 (section 3.1).
    """

    def __init__(self, sprites: DSprites):
        self.name = "abstract_dsprites"
        self.sprites = sprites
        self.factor_names = ("background", "color", *sprites.factor_names)
        self.categorical_factors = sprites.categorical_factors
        self.provenance = sprites.provenance

    @property
    def factors_num_values(self) -> list[int]:
        return [len(BACKGROUNDS), len(COLOURS), *self.sprites.factors_num_values]

    @property
    def observation_shape(self) -> list[int]:
        return [*self.sprites.observation_shape[:2], 3]

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        colours = [random_state.randint(len(them), size=num) for them in (BACKGROUNDS, COLOURS)]
        others = self.sprites.sample_factors(num, random_state)
        return np.concatenate([np.stack(colours, axis=1), others], axis=1)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        masks = self.sprites.sample_observations_from_factors(factors[:, 2:], random_state)
        background = BACKGROUNDS.astype(np.float32)[factors[:, 0]][:, None, None, None]
        colour = COLOURS.astype(np.float32)[factors[:, 1]][:, None, None, :]
        return np.where(masks > 0, colour, background)


@registry.data_set(
    "abstract_dsprites", files=(ORIGINAL,), source=REDRAWN, matrix_sizes=(5, 6, 3, 3, 4, 4)
)
def abstract_dsprites() -> AbstractDSprites:
    """The shapes of dSprites in six colours on five grey backgrounds, for matrices of abstract reasoning."""
    sprites = DSprites(dsprites_images(), (1, 2, 4, 5), "abstract_dsprites")
    return AbstractDSprites(sprites)
