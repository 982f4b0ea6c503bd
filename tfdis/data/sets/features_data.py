"""features: vectors that a pretrained network extracted from the images of another data set."""

import os
from pathlib import Path

import gin
import numpy as np

from tfdis import registry
from tfdis.data.formats.features_format import (
    FACTORS_FILE,
    FEATURES_FILE,
    FeaturesMetadata,
    read_features_metadata,
)
from tfdis.data.formats.npy import NpyArray
from tfdis.data.ground_truth_data import IndexedData
from tfdis.data.state_space import FactorStateSpace


class FeaturesData(IndexedData):
    """Features in place of images: observations are float32 `[1, 1, num_features]`, in any range.

    The factors are those of the images' data set, which is not opened itself.

    Args:
        path: path of a folder that `bin/extract_features` wrote.

    Attributes:
        metadata: description of what the folder holds.

    Raises:
        FileNotFoundError: there is no whole extraction in the folder.
        ValueError: the folder's files are damaged or do not match.
    """

    name = "features"

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self.metadata = read_features_metadata(path)
        self.factor_names = self.metadata.factor_names
        self.provenance = self.metadata.provenance
        self.state_space = FactorStateSpace(
            self.metadata.factor_sizes, self.metadata.latent_factor_indices
        )
        shape = (self.metadata.num_rows, self.metadata.num_features)
        self._features = _open(self.path / FEATURES_FILE, shape, np.float32)
        self._factors = None
        if self.metadata.num_samples:
            shape = (self.metadata.num_rows, self.num_factors)
            self._factors = _open(self.path / FACTORS_FILE, shape, np.int64)

    @property
    def factors_num_values(self) -> list[int]:
        return list(self.state_space.latent_factor_sizes)

    @property
    def observation_shape(self) -> list[int]:
        return [1, 1, self.metadata.num_features]

    @property
    def num_images(self) -> int:
        """Number of feature vectors: one for each image of the grid, or for each sample."""
        return self.metadata.num_rows

    def images_at(self, indices: np.ndarray) -> np.ndarray:
        """Features by row: float32 `[num, 1, 1, num_features]`."""
        return self._features[np.asarray(indices)][:, None, None, :]

    def to_observations(self, images: np.ndarray) -> np.ndarray:
        """The features as they are."""
        return images

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.state_space.sample_latent_factors(num, random_state)

    def sample_indices_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        """Rows of the images with the given factors; hidden factors are drawn.

        Raises:
            ValueError: the features are those of sampled images, so that not every combination has
                one.
        """
        if self._factors is not None:
            raise ValueError(
                "Expected features of every image, to look some up by their factors. Received: "
                f"features of {self.num_images} sampled images in {self.path}. "
                "Fix: extract them without num_samples."
            )
        complete = self.state_space.sample_hidden_factors(factors, random_state)
        return self.state_space.states_of(complete)

    def sample_with_indices(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        if self._factors is None:
            return super().sample_with_indices(num, random_state)
        rows = random_state.randint(self.num_images, size=num)
        return self._factors[rows], rows

    def sample(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        factors, rows = self.sample_with_indices(num, random_state)
        return factors, self.images_at(rows)


def _open(path, shape, dtype):
    """Maps an array, checked against what the metadata promise."""
    array = NpyArray(path)
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"Expected {np.dtype(dtype).name} of shape {shape} in {path}. Received: "
            f"{array.dtype.name} of shape {array.shape}. Fix: extract the features again."
        )
    return np.load(path, mmap_mode="r", allow_pickle=False)


@registry.data_set("features", source="bin/extract_features")
@gin.configurable("features", module="tfdis.data")
def features(path: str = "", extractor: str | None = None) -> FeaturesData:
    """Features that a pretrained network extracted from images; gin: `features.path = 'features/vgg19'`.

    Args:
        path: path of a folder that `bin/extract_features` wrote.
        extractor: fingerprint of the extractor that must have made the features; None takes any. A
            training run notes it in its configuration, so that it is never resumed with other
            features.

    Raises:
        FileNotFoundError: there is no whole extraction in the folder.
        ValueError: no path is given, files are damaged, or the extractor is another.
    """
    if not path:
        raise ValueError(
            "Expected features.path, a folder that bin/extract_features wrote. Received: nothing. "
            "Fix: set it in the gin file."
        )
    data = FeaturesData(path)
    check_extractor(data.metadata, extractor, str(path))
    return data


def check_extractor(metadata: FeaturesMetadata, expected: str | None, where: str) -> None:
    """Refuses features whose extractor is not the expected one.

    Raises:
        ValueError: the fingerprints differ; the message names both.
    """
    if expected is not None and expected != metadata.extractor:
        raise ValueError(
            f"Expected features of the extractor {expected}. Received: those of another one, "
            f"{metadata.extractor}, in {where}. A VAE goes with the backbone whose features it learned "
            "from. Fix: point features.path to the features it was trained on, or train a new one."
        )
