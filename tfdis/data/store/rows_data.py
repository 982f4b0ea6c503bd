"""A data set whose images are rows of a table, of which not every combination of factors occurs."""

import math
from collections.abc import Sequence

import numpy as np

from tfdis.data.ground_truth_data import IndexedData
from tfdis.data.state_space import check_factor_values
from tfdis.data.store.image_store import ImageStore


class RowsData(IndexedData):
    """Images of a store with their factors; drawn uniformly, and by factors where they occur.

    Metrics that fix a factor and draw the others freely need a full grid, and cannot be computed:
    combinations that do not occur have no image.

    Args:
        name: the registered name.
        images: the images, one for each row.
        factor_names: names of the factors.
        labels: integers from 0, `[num_images, num_factors]`.
        factor_sizes: numbers of values; None takes one more than the largest label.
        values: what the labels are bins of, float `[num_images, num_values]`, for metrics that take
            continuous factors; None for the labels themselves.
        categorical_factors: names of the factors whose values have no order.
        rows: positions in the store of the images of the labels, `[num_images]`; None for all in order.

    Raises:
        ValueError: labels that are not one row for each image, or outside of the factors' sizes.
    """

    def __init__(
        self,
        name: str,
        images: ImageStore,
        factor_names: Sequence[str],
        labels: np.ndarray,
        factor_sizes: Sequence[int] | None = None,
        values: np.ndarray | None = None,
        categorical_factors: Sequence[str] = (),
        rows: np.ndarray | None = None,
    ):
        labels = np.asarray(labels, np.int64)
        sizes = list(factor_sizes or (labels.max(axis=0) + 1).tolist())
        num = len(images) if rows is None else len(rows)
        if labels.shape != (num, len(factor_names)) or len(sizes) != len(factor_names):
            raise ValueError(
                f"Expected labels of shape ({num}, {len(factor_names)}) for {name}. Received: "
                f"{labels.shape}."
            )
        check_factor_values(labels, sizes, f"in the labels of {name}")
        self.name = name
        self.images = images
        self.provenance = images.metadata.provenance
        self.factor_names = tuple(factor_names)
        self.categorical_factors = tuple(categorical_factors)
        self.labels = labels
        self.values = labels if values is None else values
        self._sizes = sizes
        self.rows = rows
        self._groups = None

    @property
    def factors_num_values(self) -> list[int]:
        return list(self._sizes)

    @property
    def observation_shape(self) -> list[int]:
        return list(self.images.metadata.image_shape)

    @property
    def num_images(self) -> int:
        """Number of images."""
        return len(self.labels)

    @property
    def num_missing(self) -> int:
        """Number of combinations of factor values that have no image."""
        return math.prod(self._sizes) - len(self._grouped()[0])

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        return self.images.images_at(indices if self.rows is None else self.rows[indices])

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.labels[random_state.randint(self.num_images, size=num)]

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        """Draws a row for each combination of factors, uniformly.

        Raises:
            ValueError: a combination does not occur.
        """
        known, starts, counts, order = self._grouped()
        keys = _keys(factors)
        places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        missing = np.flatnonzero(known[places] != keys)
        if missing.size:
            raise ValueError(
                f"Expected combinations of factors that occur among the {self.num_images} images of "
                f"{self.name}. Received: {np.asarray(factors)[missing[0]].tolist()}, which has none. Its "
                "factors are no grid: draw images with `sample`."
            )
        drawn = (random_state.random_sample(len(keys)) * counts[places]).astype(np.int64)
        return order[starts[places] + drawn]

    def _grouped(self):
        """Sorted keys of the combinations, and the rows of each, side by side."""
        if self._groups is None:
            keys = _keys(self.labels)
            order = np.argsort(keys, kind="stable")
            known, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
            self._groups = known, starts, counts, order
        return self._groups


def bin_values(values: np.ndarray, num_bins: int) -> np.ndarray:
    """Bins of equal width of each column's range: int64 of the shape of `values`.

    Example:
        >>> bin_values(np.array([[0.0], [0.4], [1.0]]), 2).ravel().tolist()
        [0, 0, 1]
    """
    if num_bins < 2:
        raise ValueError(f"Expected num_bins of at least 2. Received: {num_bins!r}.")
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = (values - low) / np.where(high > low, high - low, 1.0)
    return np.minimum((scaled * num_bins).astype(np.int64), num_bins - 1)


def _keys(factors):
    """One value for each row of integers, equal for equal rows, that sorts."""
    rows = np.ascontiguousarray(factors, np.int64)
    return rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
