"""noisy_dsprites: white sprites on noise."""

import numpy as np

from tfdis import registry
from tfdis.data.sets.dsprites.dsprites import ORIGINAL, REDRAWN, DSprites, dsprites_images
from tfdis.data.sets.dsprites.probabilistic import ProbabilisticDSprites


class NoisyDSprites(ProbabilisticDSprites):
    """dSprites with every value of the background drawn from U(0, 1); the sprite is white.

    References:
        Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
        Disentangled Representations", ICML. arXiv:1811.12359 (section 5.1).
    """

    def paint(self, masks: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
        noise = random_state.uniform(0, 1, [*masks.shape[:3], 3])
        return np.where(masks == 1, np.float32(1), noise.astype(np.float32))


@registry.data_set("noisy_dsprites", files=(ORIGINAL,), source=REDRAWN)
def noisy_dsprites() -> NoisyDSprites:
    """White dSprites on noise drawn for each image."""
    return NoisyDSprites("noisy_dsprites", DSprites(dsprites_images()))
