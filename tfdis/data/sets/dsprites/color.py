"""color_dsprites: each sprite in a colour drawn for it."""

import numpy as np

from tfdis import registry
from tfdis.data.sets.dsprites.dsprites import ORIGINAL, DSprites, dsprites_images
from tfdis.data.sets.dsprites.probabilistic import ProbabilisticDSprites


class ColorDSprites(ProbabilisticDSprites):
    """dSprites with every channel of a sprite drawn from U(0.5, 1); the background is black."""

    def paint(self, masks: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
        colours = random_state.uniform(0.5, 1, [len(masks), 1, 1, 3])
        return masks * colours.astype(np.float32)


@registry.data_set("color_dsprites", files=(ORIGINAL,))
def color_dsprites() -> ColorDSprites:
    """Builds color_dsprites."""
    return ColorDSprites("color_dsprites", DSprites(dsprites_images()))
