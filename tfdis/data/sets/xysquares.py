"""XYSquares: three squares, one in each colour channel, at independent places of a grid."""

import gin
import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.standardisation import Standardisation
from tfdis.data.state_space import FactorStateSpace

IMAGE_SIZE = 64


class XYSquares(EnumerableData):
    """A red, a green and a blue square whose x and y are the six factors.

    Channel c is 255 on rows y..y+s-1 and columns x..x+s-1, with x = offset + g k for k = 0..n-1 and
    offset = floor((64 - (s + g (n-1))) / 2). With a spacing g of at least s, two places of a square
    never overlap, and the pixel-wise distance of two images says nothing about how far a square
    moved; the smaller g, the more they overlap. Images are drawn when asked for; nothing is stored.

    Args:
        grid_spacing: g, the number of pixels between neighbouring places, 1 or more.
        num_placements: n, the number of places along each axis; None for as many as fit,
            floor((64 - s) / g) + 1.
        square_size: s, the side of a square in pixels.

    Raises:
        ValueError: the grid does not fit into the image.

    Example:
        >>> XYSquares(grid_spacing=8).num_images
        262144

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341.
    """

    def __init__(self, grid_spacing: int = 8, num_placements: int | None = 8, square_size: int = 8):
        if not 1 <= square_size <= IMAGE_SIZE or grid_spacing < 1:
            raise ValueError(
                f"Expected grid_spacing of at least 1 and square_size from 1 to {IMAGE_SIZE} "
                f"pixels. Received: grid_spacing={grid_spacing}, square_size={square_size}."
            )
        most = (IMAGE_SIZE - square_size) // grid_spacing + 1
        num_placements = most if num_placements is None else num_placements
        if not 1 <= num_placements <= most:
            raise ValueError(
                f"Expected num_placements from 1 to {most}, what fits into {IMAGE_SIZE} pixels "
                f"with grid_spacing={grid_spacing} and square_size={square_size}. Received: "
                f"num_placements={num_placements}. Fix: lower it, or set it to None for {most}."
            )
        names = [f"{axis} {colour}" for colour in ("red", "green", "blue") for axis in ("x", "y")]
        super().__init__(
            name="xysquares",
            factor_names=names,
            state_space=FactorStateSpace([num_placements] * 6),
            image_shape=(IMAGE_SIZE, IMAGE_SIZE, 3),
            provenance="generated",
        )
        self.grid_spacing = grid_spacing
        self.num_placements = num_placements
        self.square_size = square_size
        starts = self.offset + grid_spacing * np.arange(num_placements)
        pixels = np.arange(IMAGE_SIZE)
        self._bars = (pixels >= starts[:, None]) & (pixels < starts[:, None] + square_size)

    @property
    def offset(self) -> int:
        """Number of pixels before the first place of a square."""
        return (IMAGE_SIZE - self.square_size - self.grid_spacing * (self.num_placements - 1)) // 2

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        factors = self.indices_to_factors(indices)
        bars = self._bars.astype(np.uint8)
        images = np.empty((len(factors), *self.image_shape), dtype=np.uint8)
        for channel in range(3):
            columns = bars[factors[:, 2 * channel]]
            rows = bars[factors[:, 2 * channel + 1]] * np.uint8(255)
            np.multiply(rows[:, :, None], columns[:, None, :], out=images[..., channel])
        return images


@registry.data_set(
    "xysquares", standardisation=Standardisation((0.015625,), (0.12403473458920855,))
)
@gin.configurable("xysquares", module="tfdis.data")
def xysquares(
    grid_spacing: int = 8, num_placements: int | None = 8, square_size: int = 8
) -> XYSquares:
    """Three squares with their places as six factors, 262,144 images.

    In gin, `xysquares.grid_spacing`, `.num_placements` and `.square_size`.
    """
    return XYSquares(grid_spacing, num_placements, square_size)
