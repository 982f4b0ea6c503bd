"""A few images with labels, drawn once as a pure function of a seed, and the batches made of them.

TensorFlow is imported on first use.
"""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.streams.labellers import label
from tfdis.data.streams.sampling import sample_images
from tfdis.data.streams.steps import batches_of_steps
from tfdis.files.whole import written_whole

if TYPE_CHECKING:
    import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class LabelledPoints:
    """Images, their true factors, and what a labeller said of them.

    Attributes:
        images: `[num, height, width, channels]`, uint8, or float32 in [0, 1] of sets that draw them.
        factors: int64 `[num, factors]`, the true ones.
        labels: int64 `[num, labelled factors]`.
        factor_sizes: number of values of each labelled factor.
    """

    images: np.ndarray
    factors: np.ndarray
    labels: np.ndarray
    factor_sizes: list[int]

    def __len__(self) -> int:
        return len(self.factors)

    def at(self, rows: np.ndarray | slice) -> "LabelledPoints":
        """Returns some of the points."""
        return LabelledPoints(
            self.images[rows], self.factors[rows], self.labels[rows], self.factor_sizes
        )

    def is_in(self, others: "LabelledPoints") -> np.ndarray:
        """Returns, for each point, whether one of the others has the same factors."""
        known = {tuple(row) for row in others.factors.tolist()}
        return np.array([tuple(row) in known for row in self.factors.tolist()], dtype=bool)


def sample_labelled_points(
    data: GroundTruthData, num: int, seed: int, labeller: Callable | None = None
) -> LabelledPoints:
    """Draws images and asks for their labels; the same data set, number, seed and labeller give the same.

    They are drawn uniformly with replacement, in disentanglement_lib's order: factors, images, labels.

    Args:
        data: any data set, also one with disentanglement_lib's interface alone.
        num: number of labelled images.
        seed: an integer from 0 to 2^32 - 1.
        labeller: see labellers.py; None for gin's `labeller.labeller_fn`.

    Raises:
        ValueError: no image, more images than the data set has, or what a labeller refuses.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> data = get_named_ground_truth_data("dsprites_hearts")
        >>> points = sample_labelled_points(data, num=100, seed=0)
        >>> points.labels.shape, points.factor_sizes
        ((100, 3), [6, 32, 8])
    """
    data = as_ground_truth_data(data)
    most = getattr(data, "num_images", math.inf)
    if not 1 <= num <= most:
        range_of = "from 1" if most == math.inf else f"from 1 to {most}, the images"
        raise ValueError(
            f"Expected a number of labelled images {range_of} of {data.name}. Received: {num}. Fix: "
            "model.num_labelled_samples."
        )
    state = np.random.RandomState(seed)
    factors = np.asarray(data.sample_factors(num, state), dtype=np.int64)
    images = sample_images(data, factors, state)
    given = {} if labeller is None else {"labeller_fn": labeller}
    return LabelledPoints(images, factors, *label(factors, data, state, **given))


def split_points(
    points: LabelledPoints, train_percentage: float
) -> tuple[LabelledPoints, LabelledPoints]:
    """The first ceil(train_percentage * num) points for training, the others for validation.

    Points were drawn with replacement. Validation points whose image is a training point are left out,
    since a score on them would say how well the training set is remembered.

    Args:
        points: all labelled points.
        train_percentage: fraction of the points for training, above 0 and up to 1.

    Returns:
        Training points and validation points, none of the latter if the fraction is 1.

    Raises:
        ValueError: a fraction out of range, or below 1 with no validation point left.
    """
    if not 0 < train_percentage <= 1:
        raise ValueError(
            "Expected model.train_percentage above 0 and up to 1, a fraction. Received: "
            f"{train_percentage}."
        )
    num = math.ceil(len(points) * train_percentage)
    training, validation = points.at(slice(num)), points.at(slice(num, None))
    validation = validation.at(~validation.is_in(training))
    if train_percentage < 1 and not len(validation):
        raise ValueError(
            "Expected a model.train_percentage that leaves labelled images for validation, none of them "
            f"a training image. Received: {train_percentage} of {len(points)} images, of which 0 are left. "
            "Fix: more labelled images, a smaller fraction, or 1.0 for no validation part."
        )
    return training, validation


def write_points(path: Path, points: LabelledPoints, num_training: int, seed: int) -> None:
    """Writes factors and labels (not images) to an .npz file.

    Args:
        path: the file; it appears whole or not at all.
        points: all labelled points.
        num_training: number of the first points, which are for training.
        seed: the seed that they were drawn with.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(str(path), overwrite=True) as whole, open(whole, "wb") as file:
        np.savez_compressed(
            file,
            factors=points.factors,
            labels=points.labels,
            factor_sizes=points.factor_sizes,
            num_training=num_training,
            seed=seed,
        )


def check_same_points(path: Path, points: LabelledPoints) -> None:
    """Raises ValueError if a file has other factors or labels than these points."""
    with np.load(path, allow_pickle=False) as saved:
        same = all(
            np.array_equal(saved[name], getattr(points, name))
            for name in ("factors", "labels", "factor_sizes")
        )
    if not same:
        raise ValueError(
            f"Expected the labelled images that the run began with, {path}. Received: others, perhaps of "
            "another data set or another labeller. Fix: another --model_dir, or --overwrite."
        )


def with_labelled_batches(
    stream: "tf.data.Dataset", points: LabelledPoints, batch_size: int, start_step: int = 0
) -> "tf.data.Dataset":
    """Joins a labelled batch to every batch of a stream: number t is a function of t alone.

    The points come in their order, again and again, as in disentanglement_lib: batch t has the points
    t * batch_size, t * batch_size + 1, ... modulo their number.

    Args:
        stream: batches x, or (x, labels), from number `start_step` on.
        points: the labelled points; at least one.
        batch_size: number of labelled images in a batch.
        start_step: number of the stream's first batch.

    Returns:
        Elements (x, (labelled images, their labels)), or (x, (labels, labelled images, their labels)).
    """
    import tensorflow as tf

    def draw(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = (int(step) * batch_size + np.arange(batch_size)) % len(points)
        images = points.images[rows]
        is_uint8 = images.dtype == np.uint8
        return (images.astype(np.float32) / 255 if is_uint8 else images), points.labels[rows]

    def batch(step):
        images, labels = tf.numpy_function(draw, [step], [tf.float32, tf.int64], stateful=False)
        images = tf.ensure_shape(images, [batch_size, *points.images.shape[1:]])
        return images, tf.ensure_shape(labels, [batch_size, points.labels.shape[1]])

    def joined(own, labelled):
        return (own[0], (own[1], *labelled)) if isinstance(own, tuple) else (own, labelled)

    labelled = batches_of_steps(batch, start_step)
    return tf.data.Dataset.zip((stream, labelled)).map(joined)
