"""The interface of every data set with known factors: disentanglement_lib's, and more."""

from collections.abc import Sequence

import numpy as np

from tfdis.data.state_space import FactorStateSpace


class GroundTruthData:
    """A two-step generative model: draw factors, then draw an observation given the factors.

    All draws come from the `numpy.random.RandomState` that is passed in, in disentanglement_lib's
    order, so that a seed gives the same factors and images in both libraries.

    Attributes:
        name: the name under which the set is registered.
        factor_names: one name for each ground-truth factor.
        provenance: "original" (read from the published file, or a user's own), "re-rendered" (drawn
            after the published description), "generated" (defined by this code) or "unknown" (a data set from
            elsewhere that does not say).
        categorical_factors: names of the factors whose values have no order.

    References:
        Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
        Disentangled Representations", ICML. arXiv:1811.12359.
    """

    name: str
    factor_names: tuple[str, ...]
    provenance: str
    categorical_factors: tuple[str, ...] = ()

    @property
    def num_factors(self) -> int:
        """Number of ground-truth factors."""
        return len(self.factors_num_values)

    @property
    def factors_num_values(self) -> list[int]:
        """Number of values of each ground-truth factor."""
        raise NotImplementedError

    @property
    def observation_shape(self) -> list[int]:
        """Shape of one observation, `[height, width, channels]`."""
        raise NotImplementedError

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws factors: integers `[num, num_factors]`."""
        raise NotImplementedError

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        """Draws observations, floats in [0, 1], `[num] + observation_shape`, for given factors."""
        raise NotImplementedError

    def sample(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws factors and observations: `(factors, observations)`."""
        factors = self.sample_factors(num, random_state)
        return factors, self.sample_observations_from_factors(factors, random_state)

    def sample_observations(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws observations alone."""
        return self.sample(num, random_state)[1]


class IndexedData(GroundTruthData):
    """A data set whose images have numbers, from 0: the image of a number is always the same.

    A subclass implements `num_images`, `images_at` and `sample_indices_from_factors`.
    """

    observation_dtype = np.float32

    @property
    def num_images(self) -> int:
        """Number of different images."""
        raise NotImplementedError

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        """Images by index: uint8 0..255, `[num, height, width, channels]`."""
        raise NotImplementedError

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        """Image indices for factors; what the factors leave open is drawn.

        Takes the same numbers from the random state as drawing the images does.
        """
        raise NotImplementedError

    def to_observations(self, images: np.ndarray) -> np.ndarray:
        """Scales uint8 images to floats in [0, 1]."""
        observations = images.astype(self.observation_dtype)
        observations /= 255
        return observations

    def sample_with_indices(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws factors and, in place of observations, the indices of their images."""
        factors = self.sample_factors(num, random_state)
        return factors, self.sample_indices_from_factors(factors, random_state)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        indices = self.sample_indices_from_factors(factors, random_state)
        return self.to_observations(self.images_at(indices))


class EnumerableData(IndexedData):
    """A data set whose images can be counted: one for each point of the grid of factors.

    A subclass implements `images_at`; drawing, labels and indices follow from the grid. A set whose
    images are stored in another order than the grid's overrides `factors_to_indices` and
    `indices_to_factors` too.

    Args:
        name: the name under which the set is registered.
        factor_names: one name for each ground-truth factor.
        state_space: the grid; its hidden factors are drawn anew for every image.
        image_shape: `(height, width, channels)`.
        provenance: "original", "re-rendered" or "generated".

    Raises:
        ValueError: the number of names is not the number of ground-truth factors.
    """

    def __init__(
        self,
        name: str,
        factor_names: Sequence[str],
        state_space: FactorStateSpace,
        image_shape: Sequence[int],
        provenance: str,
    ):
        if len(factor_names) != len(state_space.latent_factor_sizes):
            raise ValueError(
                f"Expected {len(state_space.latent_factor_sizes)} factor names for {name}. "
                f"Received: {list(factor_names)}."
            )
        self.name = name
        self.factor_names = tuple(factor_names)
        self.state_space = state_space
        self.image_shape = tuple(int(size) for size in image_shape)
        self.provenance = provenance

    @property
    def factors_num_values(self) -> list[int]:
        return list(self.state_space.latent_factor_sizes)

    @property
    def observation_shape(self) -> list[int]:
        return list(self.image_shape)

    @property
    def num_images(self) -> int:
        """Number of different images that the set enumerates."""
        return self.state_space.num_states

    def factors_to_indices(self, factors: np.ndarray) -> np.ndarray:
        """Image index, int64 `[num]`, of ground-truth factors `[num, num_factors]`.

        Hidden factors count as their first value; `sample_indices_from_factors` draws them.
        """
        return self.state_space.states_of(self.state_space.complete(factors))

    def indices_to_factors(self, indices: np.ndarray) -> np.ndarray:
        """Ground-truth factors, int64 `[num, num_factors]`, of image indices `[num]`."""
        factors = self.state_space.factors_of(indices)
        return factors[:, self.state_space.latent_factor_indices]

    def sample_indices(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws image indices with replacement: all images alike, unless the set is a split."""
        return random_state.randint(self.num_images, size=num)

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return self.state_space.states_of(
            self.state_space.sample_hidden_factors(factors, random_state)
        )

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.state_space.sample_latent_factors(num, random_state)
