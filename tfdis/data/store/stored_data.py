"""A data set whose images lie in a store, one for each point of the grid."""

from collections.abc import Sequence

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.store.image_store import ImageStore


class StoredData(EnumerableData):
    """Images of a store as a data set with known factors.

    Args:
        name: the registered name.
        images: one image for each combination of all factors.
        factor_names: names of all factors.
        factor_sizes: numbers of values of all factors.
        latent_factor_indices: positions of the factors that are ground truth, by default all; the
            others are drawn anew for every image.
        rows: positions in the store, `[number of combinations]`, of the points of the grid; None if
            the store has the grid's order (the last factor fastest).

    Raises:
        ValueError: the store does not hold one image for each combination.
    """

    def __init__(
        self,
        name: str,
        images: ImageStore,
        factor_names: Sequence[str],
        factor_sizes: Sequence[int],
        latent_factor_indices: Sequence[int] | None = None,
        rows: np.ndarray | None = None,
    ):
        state_space = FactorStateSpace(factor_sizes, latent_factor_indices)
        if len(images) != state_space.num_states:
            raise ValueError(
                f"Expected {state_space.num_states} images for {name}, one for each combination of "
                f"{list(factor_sizes)} factor values. Received: {len(images)}."
            )
        super().__init__(
            name=name,
            factor_names=[factor_names[index] for index in state_space.latent_factor_indices],
            state_space=state_space,
            image_shape=images.metadata.image_shape,
            provenance=images.metadata.provenance,
        )
        self.images = images
        self.rows = rows

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        indices = np.asarray(indices, dtype=np.int64)
        if self.rows is not None:
            if indices.size and indices.min() < 0:
                raise IndexError(
                    f"Expected image indices of at least 0. Received: {indices.min()}."
                )
            indices = self.rows[indices]
        return self.images.images_at(indices)
