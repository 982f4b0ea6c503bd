"""tf.data streams over several labelled data sets: pure functions of (seed, step), epoch by epoch.

TensorFlow is imported on first use.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfdis.data.streams.labelled_sets import NO_LABEL, LabelledSets, steps_per_epoch
from tfdis.data.streams.steps import batches_of_steps, check_steps

if TYPE_CHECKING:
    import tensorflow as tf


def labelled_stream(sets: LabelledSets, batch_size: int, start_step: int = 0) -> "tf.data.Dataset":
    """Endless training batches; batch number t depends on the seed of `sets` and t alone.

    An epoch, of `steps_per_epoch(sets.num_training, batch_size)` batches, shows every training image
    once in a new random order; its last batch is filled up with the first images of that order.

    Args:
        sets: the data sets.
        batch_size: number of images in a batch.
        start_step: number of batches to skip, at no cost.

    Returns:
        A data set of float32 images `[batch, height, width, channels]` in [0, 1] and int64 labels
        `[batch, num_factors]`, `NO_LABEL` where an image has none.

    Raises:
        ValueError: the batch size is below 1, or the start step is below 0.
    """
    check_steps(batch_size, start_step)
    num_steps = steps_per_epoch(sets.num_training, batch_size)
    order_of = functools.lru_cache(maxsize=1)(sets.training_indices)

    def draw(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        epoch, position = divmod(int(step), num_steps)
        positions = np.arange(position * batch_size, (position + 1) * batch_size)
        return sets.batch_at(order_of(epoch)[positions % sets.num_training])

    return _stream(sets, draw, batch_size, start_step, None)


def validation_stream(
    sets: LabelledSets, batch_size: int, num_batches: int | None = None
) -> "tf.data.Dataset":
    """Every validation image once, in batches; every pass gives the same ones.

    The last batch is filled up with images that have no labels.

    Args:
        sets: the data sets.
        batch_size: number of images in a batch.
        num_batches: the most batches, which are then a random sample; None for all.

    Returns:
        A finite data set of batches like those of `labelled_stream`.

    Raises:
        ValueError: the batch size or the number of batches is below 1.
    """
    check_steps(batch_size)
    total = steps_per_epoch(sets.num_validation, batch_size)
    if num_batches is not None and num_batches < 1:
        raise ValueError(f"Expected at least 1 validation batch. Received: {num_batches}.")

    def draw(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        positions = np.arange(int(step) * batch_size, (int(step) + 1) * batch_size)
        images, labels = sets.batch_at(sets.validation_indices[positions % sets.num_validation])
        labels[positions >= sets.num_validation] = NO_LABEL
        return images, labels

    return _stream(sets, draw, batch_size, 0, min(total, num_batches or total))


def _stream(
    sets: LabelledSets, draw: Callable, batch_size: int, start: int, num_batches: int | None
) -> "tf.data.Dataset":
    import tensorflow as tf

    def batch(step):
        images, labels = tf.numpy_function(draw, [step], [tf.uint8, tf.int64], stateful=False)
        images = tf.ensure_shape(images, [batch_size, *sets.image_shape])
        labels = tf.ensure_shape(labels, [batch_size, len(sets.factor_sizes)])
        return tf.cast(images, tf.float32) / 255.0, labels

    return batches_of_steps(batch, start, num_batches)
