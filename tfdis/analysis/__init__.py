"""How a reconstruction loss sees a data set: perceived distances and overlap."""

from tfdis.analysis.distances import mean_squared_difference, reconstruction_distance
from tfdis.analysis.overlap import overlap_curves
from tfdis.analysis.perceived_distance import (
    perceived_distances,
    sample_distances,
    summarise_distances,
)

__all__ = [
    "mean_squared_difference",
    "overlap_curves",
    "perceived_distances",
    "reconstruction_distance",
    "sample_distances",
    "summarise_distances",
]
