"""XYObject: one coloured square of several sizes, anywhere on a grid."""

import gin
import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.standardisation import Standardisation
from tfdis.data.state_space import FactorStateSpace

IMAGE_SIZE = 64
HUES = np.array(  # red, yellow, green, cyan, blue, magenta
    [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]]
)
NUM_SHADES = 4
SQUARE_SIZES = (7, 9, 11, 13, 15)


class XYObject(EnumerableData):
    """A square: x 25, y 25, scale 5, colour 24 = 75,000 images of 64 x 64 x 3.

    The square of size s = 7, 9, 11, 13, 15 has its left edge at g x + (15 - s) / 2 and its top edge
    at g y + (15 - s) / 2. Colour c is hue c mod 6 (red, yellow, green, cyan, blue, magenta) in
    shade c div 6, floor(255 (shade + 1) / 4). In the shaded variant, the colour is two factors, the
    shade and the hue.

    Args:
        grid_spacing: g, the number of pixels between neighbouring places.
        shaded: whether the shade is a factor of its own ("xyobject_shaded").

    Raises:
        ValueError: the spacing is below 1.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341.
    """

    def __init__(self, grid_spacing: int = 2, shaded: bool = False):
        largest = max(SQUARE_SIZES)
        if not 1 <= grid_spacing <= IMAGE_SIZE - largest:
            raise ValueError(
                f"Expected grid_spacing from 1 to {IMAGE_SIZE - largest} pixels. "
                f"Received: {grid_spacing}."
            )
        num_places = (IMAGE_SIZE - largest) // grid_spacing + 1
        hue_sizes = (NUM_SHADES, len(HUES)) if shaded else (NUM_SHADES * len(HUES),)
        super().__init__(
            name="xyobject_shaded" if shaded else "xyobject",
            factor_names=("x", "y", "scale", *(("intensity", "color") if shaded else ("color",))),
            state_space=FactorStateSpace((num_places, num_places, len(SQUARE_SIZES), *hue_sizes)),
            image_shape=(IMAGE_SIZE, IMAGE_SIZE, 3),
            provenance="generated",
        )
        self.grid_spacing = grid_spacing
        self._num_colours = NUM_SHADES * len(HUES)
        shades = 255 * np.arange(1, NUM_SHADES + 1) // NUM_SHADES
        self._colours = (shades[:, None, None] * HUES).reshape(-1, 3).astype(np.uint8)
        sizes = np.array(SQUARE_SIZES)
        starts = grid_spacing * np.arange(num_places) + (largest - sizes[:, None]) // 2
        pixels = np.arange(IMAGE_SIZE)
        ends = starts + sizes[:, None]
        self._bars = (pixels >= starts[..., None]) & (pixels < ends[..., None])

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        # In both variants the colour varies fastest, so that the order is the same.
        places, colours = np.divmod(np.asarray(indices, dtype=np.int64), self._num_colours)
        places, scales = np.divmod(places, len(SQUARE_SIZES))
        columns, rows = np.divmod(places, self._bars.shape[1])
        masks = self._bars[scales, rows][:, :, None] & self._bars[scales, columns][:, None, :]
        return masks[..., None] * self._colours[colours][:, None, None, :]


_STANDARDISATION = Standardisation((0.009818761549013288,), (0.05263236372524585,))


@registry.data_set("xyobject", standardisation=_STANDARDISATION)
@gin.configurable("xyobject", module="tfdis.data")
def xyobject(grid_spacing: int = 2) -> XYObject:
    """One square with place, size and colour as factors, 75,000 images; in gin, `xyobject.grid_spacing`."""
    return XYObject(grid_spacing)


@registry.data_set("xyobject_shaded", standardisation=_STANDARDISATION)
@gin.configurable("xyobject_shaded", module="tfdis.data")
def xyobject_shaded(grid_spacing: int = 2) -> XYObject:
    """XYObject with the shade as a factor of its own; in gin, `xyobject_shaded.grid_spacing`."""
    return XYObject(grid_spacing, shaded=True)
