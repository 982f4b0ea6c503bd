"""Wraps data sets of other makers: disentanglement_lib's interface alone, or an array of images."""

from typing import Any

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData, IndexedData
from tfdis.data.image_scale import full_scale
from tfdis.data.state_space import FactorStateSpace

_INTERFACE = (
    "factors_num_values",
    "observation_shape",
    "sample_factors",
    "sample_observations_from_factors",
)
_DESCRIPTION = ("name", "factor_names", "provenance")


class AdaptedData(GroundTruthData):
    """A data set with disentanglement_lib's interface; what the interface lacks gets defaults.

    Every other attribute, such as a method of its own, is that of the wrapped data set.

    Args:
        data: object with `factors_num_values`, `observation_shape`,
            `sample_factors(num, random_state)` and
            `sample_observations_from_factors(factors, random_state)`.
        name: the data set's name; None for `data.name` or, if there is none, the name of its class.

    Raises:
        ValueError: the number of factor names is not the number of factors.
    """

    def __init__(self, data: Any, name: str | None = None):
        self._data = data
        self.name = name or getattr(data, "name", type(data).__name__)
        self.provenance = getattr(data, "provenance", "unknown")
        self.categorical_factors = tuple(getattr(data, "categorical_factors", ()))
        self.state_space = FactorStateSpace(self.factors_num_values)
        default = [f"factor {index}" for index in range(self.num_factors)]
        self.factor_names = tuple(getattr(data, "factor_names", default))
        if len(self.factor_names) != self.num_factors:
            raise ValueError(
                f"Expected {self.num_factors} factor names for {self.name}. "
                f"Received: {list(self.factor_names)}."
            )

    @property
    def factors_num_values(self) -> list[int]:
        return [int(size) for size in self._data.factors_num_values]

    @property
    def observation_shape(self) -> list[int]:
        return [int(size) for size in self._data.observation_shape]

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return np.asarray(self._data.sample_factors(num, random_state))

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return np.asarray(self._data.sample_observations_from_factors(factors, random_state))

    def __getattr__(self, name: str) -> Any:
        if name == "_data":  # While the object is unpickled, there is no data set yet.
            raise AttributeError(name)
        return getattr(self._data, name)


class ArrayData(IndexedData):
    """An array of images as a data set whose one factor is the image's number.

    Args:
        images: `[num, height, width]` or `[num, height, width, channels]`: floats in [0, 1], uint8
            0..255, or masks of 0 and 1 of any type.
        name: the data set's name.

    Raises:
        ValueError: an array of another shape or type.
    """

    provenance = "unknown"
    factor_names = ("image",)

    def __init__(self, images: np.ndarray, name: str = "array"):
        images = np.asarray(images)
        if images.ndim not in (3, 4) or not images.size or images.dtype.kind not in "buif":
            raise ValueError(
                "Expected an array of images [num, height, width, channels]. Received: "
                f"{images.dtype} of shape {images.shape}."
            )
        self.name = name
        self.images = images if images.ndim == 4 else images[..., None]
        self.state_space = FactorStateSpace([len(images)])
        self._full_scale = full_scale(images.dtype, [images])

    @property
    def factors_num_values(self) -> list[int]:
        return list(self.state_space.factor_sizes)

    @property
    def observation_shape(self) -> list[int]:
        return list(self.images.shape[1:])

    @property
    def num_images(self) -> int:
        """Number of images."""
        return len(self.images)

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.state_space.sample_latent_factors(num, random_state)

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        """Images by index, of the array's type `[num, height, width, channels]`."""
        return self.images[indices]

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return self.state_space.states_of(self.state_space.complete(factors))

    def to_observations(self, images: np.ndarray) -> np.ndarray:
        return images.astype(np.float32) / np.float32(self._full_scale)


def as_ground_truth_data(data: Any, name: str | None = None) -> GroundTruthData:
    """Turns a data set of anyone into the one that all of tfdis knows.

    Args:
        data: a `GroundTruthData`, which is returned as it is; an object with disentanglement_lib's
            interface; or an array of images.
        name: name for a data set that has none; None for the name of its class.

    Raises:
        ValueError: `data` is none of these.

    Example:
        >>> as_ground_truth_data(np.zeros([5, 28, 28], np.uint8)).observation_shape
        [28, 28, 1]
    """
    if isinstance(data, GroundTruthData) and all(hasattr(data, own) for own in _DESCRIPTION):
        return data
    if hasattr(data, "__array__"):
        return ArrayData(np.asarray(data), name or "array")
    missing = [own for own in _INTERFACE if not hasattr(data, own)]
    if missing:
        raise ValueError(
            "Expected a data set with disentanglement_lib's interface, or an array of images "
            f"[num, height, width, channels]. Received: {type(data).__name__}, which lacks "
            f"{', '.join(missing)}."
        )
    return AdaptedData(data, name)
