"""color_dsprites: each sprite in a colour drawn for it."""

import numpy as np

from tfdis import registry
from tfdis.data.sets.dsprites.dsprites import ORIGINAL, REDRAWN, DSprites, dsprites_images
from tfdis.data.sets.dsprites.probabilistic import ProbabilisticDSprites


class ColorDSprites(ProbabilisticDSprites):
    """dSprites with every channel of a sprite drawn from U(0.5, 1); the background is black.

    References:
        Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
        Disentangled Representations", ICML. arXiv:1811.12359 (section 5.1).
    """

    def paint(self, masks: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
        colours = random_state.uniform(0.5, 1, [len(masks), 1, 1, 3])
        return masks * colours.astype(np.float32)


@registry.data_set("color_dsprites", files=(ORIGINAL,), source=REDRAWN)
def color_dsprites() -> ColorDSprites:
    """The same as dsprites_full with each shape in a colour drawn for it."""
    return ColorDSprites("color_dsprites", DSprites(dsprites_images()))
