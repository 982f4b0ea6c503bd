"""Overlap: how the distance along one factor of XYSquares grows with the number of grid steps."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tfdis.analysis.distances import Distance, mean_squared_difference
from tfdis.data.sets.xysquares import XYSquares


def overlap_curves(
    spacings: Sequence[int] = (8, 7, 6, 5, 4, 3, 2, 1),
    loss: Distance = mean_squared_difference,
    num_placements: int = 8,
    square_size: int = 8,
) -> pd.DataFrame:
    """Distance of two XYSquares images against the grid steps that one square moved along x.

    For the mean squared difference, squares of side s on a grid of spacing g that are k steps apart
    differ in 2 s min(s, g k) of 64 * 64 * 3 values: with g >= s the distance says nothing about k,
    with a smaller g it grows until the squares no longer overlap.

    Args:
        spacings: grid spacings g, in pixels.
        loss: function from two image batches to `[batch]` distances.
        num_placements: number of places along each axis.
        square_size: s, the side of a square in pixels.

    Returns:
        A table with the columns `grid_spacing`, `steps` (1 to num_placements - 1), `pixels`
        (moved), `distance` (mean over all starts).

    Example:
        >>> curves = overlap_curves([8, 4])
        >>> (curves["distance"] * 64 * 64 * 3).round().astype(int).tolist()[6:10]
        [128, 64, 128, 128]

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (sections 5.2, 5.4).
    """
    rows = []
    for spacing in spacings:
        data = XYSquares(spacing, num_placements, square_size)
        images = _x_traversal(data)
        for steps in range(1, num_placements):
            distances = np.asarray(loss(images[:-steps], images[steps:]))
            rows.append(
                {
                    "grid_spacing": spacing,
                    "steps": steps,
                    "pixels": spacing * steps,
                    "distance": float(distances.mean(dtype=np.float64)),
                }
            )
    return pd.DataFrame(rows)


def _x_traversal(data):
    """Images along the first factor, the others in the middle of the grid."""
    factors = np.full((data.num_placements, data.num_factors), data.num_placements // 2)
    factors[:, 0] = np.arange(data.num_placements)
    return data.to_observations(data.images_at(data.factors_to_indices(factors)))
