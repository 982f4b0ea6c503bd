"""Several labelled data sets as one: factors matched by name, each set split for validation."""

import math
import zlib
from collections.abc import Sequence

import numpy as np
from absl import logging

from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.image_scale import check_unit_scale
from tfdis.data.splits.split_data import SplitData
from tfdis.data.streams.first_batch import check_first_batch
from tfdis.data.streams.sampling import random_state_at

NO_LABEL = -1
_NUM_CHECKED = 16
# A number beyond every CRC-32, since those number the splits of the sets.
_VALIDATION_ORDER = 2**32


class LabelledSets:
    """The images of several data sets with one table of labels, for classifiers of their factors.

    Factors of one name are one factor. Its label is the value's index in its own set: data sets number
    their values and say nothing about what they look like, so value k of one set and value k of another
    are taken for the same thing. That is right for sets of one family (toy and realistic renderings of
    one grid; a grid that takes the first values of a larger one), and wrong where a set spaces its
    values anew (20 angles over the range of another's 40) or shows other objects: name such factors in
    `separate_factors`. A factor has as many values as the set that has most of them; images of a set
    without the factor are labelled `NO_LABEL`.

    Each set is split at random into a training and a validation part. The split depends on the
    seed, the set's name and its number of images alone, not on the other sets. Of a set that holds
    combinations of factors out (`tfdis.data.splits`), the other images are taken.

    Args:
        data_sets: sets that enumerate their images, of one image shape and different names.
        seed: an integer, the seed of splits and orders.
        validation_fraction: the fraction of each set that is kept for validation, above 0 and below
            1; it is rounded to whole images.
        separate_factors: names of factors whose values differ from set to set; each set then has a
            factor of its own, "<factor> (<set>)".

    Attributes:
        image_shape: (height, width, channels).
        factor_sizes: numbers of values by name of factor, in the order of their first appearance.
        provenances: provenances by name of set.
        splits: descriptions of the sets' splits by name of set, of those that have one.

    Raises:
        ValueError: there is no set, or one twice; a set does not enumerate its images, or draws some
            more often than others; images differ in shape, or are not as their set declares them;
            no factor has more than one value; a part has no image; a separate factor is unknown.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> sets = LabelledSets([get_named_ground_truth_data("dsprites_hearts")], seed=0)
        >>> sets.factor_sizes, sets.num_training, sets.num_validation
        ({'scale': 6, 'position x': 32, 'position y': 8}, 1229, 307)
    """

    def __init__(
        self,
        data_sets: Sequence[GroundTruthData],
        seed: int,
        validation_fraction: float = 0.2,
        separate_factors: Sequence[str] = (),
    ):
        _check_sets(data_sets)
        self._data_sets = tuple(data_sets)
        self.seed = seed
        self.image_shape = tuple(data_sets[0].observation_shape)
        self.provenances = {data.name: data.provenance for data in data_sets}
        split = [data for data in data_sets if isinstance(data, SplitData)]
        self.splits = {data.name: data.split.describe() for data in split}
        names = [_label_names(data, separate_factors) for data in data_sets]
        self.factor_sizes = _factor_sizes(data_sets, names, separate_factors)
        # Column of each factor among each set's factors; the number behind the last one if the set lacks
        # it.
        self._columns = [
            [own.index(name) if name in own else len(own) for name in self.factor_sizes]
            for own in names
        ]
        self._starts = np.cumsum([0, *(data.num_images for data in data_sets)])
        parts = [self._split(position, validation_fraction) for position in range(len(data_sets))]
        self._training, validation = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = random_state_at(seed, _VALIDATION_ORDER, "evaluation").permutation(len(validation))
        self._validation = validation[order]

    @property
    def num_training(self) -> int:
        """Number of training images of all sets."""
        return len(self._training)

    @property
    def num_validation(self) -> int:
        """Number of validation images of all sets."""
        return len(self._validation)

    @property
    def validation_indices(self) -> np.ndarray:
        """Indices of the validation images, int64, in random order."""
        return self._validation

    def training_indices(self, epoch: int) -> np.ndarray:
        """Indices of all training images, int64, in the random order of an epoch."""
        return random_state_at(self.seed, epoch).permutation(self._training)

    def batch_at(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels at some indices.

        Args:
            indices: int64 `[num]`; the images of the first set count from 0, those of the next
                follow.

        Returns:
            Images, uint8 `[num, height, width, channels]`, and labels, int64 `[num, num_factors]`
            in the order of `factor_sizes`, `NO_LABEL` where a set lacks the factor.
        """
        images = np.empty((len(indices), *self.image_shape), dtype=np.uint8)
        labels = np.empty((len(indices), len(self.factor_sizes)), dtype=np.int64)
        owners = np.searchsorted(self._starts, indices, side="right") - 1
        for owner in np.unique(owners):
            rows = np.flatnonzero(owners == owner)
            own = indices[rows] - self._starts[owner]
            images[rows] = self._data_sets[owner].images_at(own)
            factors = self._data_sets[owner].indices_to_factors(own)
            missing = np.full((len(rows), 1), NO_LABEL)
            labels[rows] = np.concatenate([factors, missing], axis=1)[:, self._columns[owner]]
        return images, labels

    def _split(self, position, fraction):
        """Indices of a set's training and validation images."""
        data = self._data_sets[position]
        images = _allowed_images(data)
        num_validation = round(len(images) * fraction)
        if not 0 < num_validation < len(images):
            raise ValueError(
                "Expected a validation_fraction that leaves images in both parts of "
                f"{data.name}, which has {len(images)}. Received: {fraction}."
            )
        state = random_state_at(self.seed, zlib.crc32(data.name.encode()), "evaluation")
        order = state.permutation(images) + self._starts[position]
        return order[num_validation:], order[:num_validation]


def _allowed_images(data):
    """Indices of the images that the split of a set leaves, or of all."""
    images = np.arange(data.num_images)
    if not isinstance(data, SplitData):
        return images
    if len(np.unique(data.weights[data.weights > 0])) > 1:
        raise ValueError(
            "Expected a split that holds combinations out: every image is seen once in an epoch. Received: "
            f"{data.split.describe()} of {data.name}, which draws some more often than others."
        )
    return images[data.allows(data.indices_to_factors(images))]


def _check_sets(data_sets):
    names = [data.name for data in data_sets]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"Expected one data set or several different ones. Received: {names}.")
    for data in data_sets:
        if not isinstance(data, EnumerableData):
            raise ValueError(
                "Expected data sets whose images can be counted, to split them. Received: "
                f"{data.name}, which draws its images."
            )
    shapes = {data.name: tuple(data.observation_shape) for data in data_sets}
    if len(set(shapes.values())) > 1:
        raise ValueError(
            f"Expected data sets with images of one shape. Received: {shapes}. Leave one out, or "
            "convert its images and read them as from_files."
        )
    for data in data_sets:
        check_unit_scale(check_first_batch(data, _NUM_CHECKED, random_state_at(0, 0)))


def _label_names(data, separate_factors):
    """Names of a set's factors among the factors of all sets."""
    return [
        f"{name} ({data.name})" if name in separate_factors else name for name in data.factor_names
    ]


def _factor_sizes(data_sets, names, separate_factors):
    known = {name for data in data_sets for name in data.factor_names}
    unknown = sorted(set(separate_factors) - known)
    if unknown:
        raise ValueError(
            f"Expected separate_factors of {sorted(known)}. Received: {unknown}, which no set has."
        )
    sizes = {}
    for data, own in zip(data_sets, names, strict=True):
        for name, size in zip(own, data.factors_num_values, strict=True):
            sizes.setdefault(name, {})[data.name] = size
    for name, by_set in sizes.items():
        if max(by_set.values()) < 2:
            logging.warning("The factor %r has one value: it is left out.", name)
        elif len(set(by_set.values())) > 1:
            logging.warning(
                "The factor %r has different numbers of values: %s. Value k of one set is taken for "
                "value k of another; if they differ, name the factor in separate_factors.",
                name,
                by_set,
            )
    learned = {name: max(by_set.values()) for name, by_set in sizes.items()}
    learned = {name: size for name, size in learned.items() if size > 1}
    if not learned:
        raise ValueError(
            "Expected at least one factor of more than one value. Received: "
            f"{ {name: max(by_set.values()) for name, by_set in sizes.items()} }."
        )
    return learned


def steps_per_epoch(num_images: int, batch_size: int) -> int:
    """Number of batches that show every image at least once."""
    return math.ceil(num_images / batch_size)
