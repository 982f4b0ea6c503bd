"""tf.data streams of images: pure functions of (seed, step), exact to resume and free to skip.

TensorFlow is imported on first use.
"""

from typing import TYPE_CHECKING

import numpy as np

from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.streams.first_batch import check_first_batch
from tfdis.data.streams.sampling import random_state_at, sample_batch
from tfdis.data.streams.steps import batches_of_steps, check_steps

if TYPE_CHECKING:
    import tensorflow as tf


def image_stream(
    data: GroundTruthData | np.ndarray,
    batch_size: int,
    seed: int,
    start_step: int = 0,
    with_factors: bool = False,
) -> "tf.data.Dataset":
    """Endless batches for training; batch number t depends on `seed` and t alone.

    Args:
        data: any data set, also one with disentanglement_lib's interface alone, or an array of
            images `[num, height, width, channels]`, floats in [0, 1] or uint8, whose one factor is
            the image's number.
        batch_size: number of images in a batch; they are drawn uniformly with replacement.
        seed: an integer.
        start_step: number of batches to skip, at no cost.
        with_factors: whether an element is `(images, factors)` rather than images alone.

    Returns:
        A data set of float32 images `[batch, height, width, channels]` in [0, 1], or of pairs of
        them and int64 factors `[batch, num_factors]`.

    Raises:
        ValueError: the batch size is below 1, the start step is below 0, or the data set draws
            something other than its `observation_shape` and `factors_num_values` say.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> stream = image_stream(get_named_ground_truth_data("xysquares"), batch_size=8, seed=0)
        >>> next(iter(stream)).shape
        TensorShape([8, 64, 64, 3])
    """
    return _stream(data, batch_size, seed, "train", start_step, None, with_factors)


def evaluation_stream(
    data: GroundTruthData | np.ndarray,
    batch_size: int,
    seed: int,
    num_batches: int,
    with_factors: bool = False,
) -> "tf.data.Dataset":
    """`num_batches` batches, drawn independently of the training stream of the same seed.

    Arguments and errors are those of `image_stream`; every pass gives the same `num_batches`
    batches.
    """
    return _stream(data, batch_size, seed, "evaluation", 0, num_batches, with_factors)


def _stream(
    data: GroundTruthData | np.ndarray,
    batch_size: int,
    seed: int,
    fold: str,
    start_step: int,
    num_batches: int | None,
    with_factors: bool,
) -> "tf.data.Dataset":
    import tensorflow as tf

    check_steps(batch_size, start_step)
    data = as_ground_truth_data(data)
    check_first_batch(data, batch_size, random_state_at(seed, start_step, fold))
    is_uint8 = isinstance(data, EnumerableData)
    image_shape = [batch_size, *data.observation_shape]
    factors_shape = [batch_size, data.num_factors]

    def draw(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return sample_batch(data, batch_size, random_state_at(seed, int(step), fold))

    def batch(step):
        images, factors = tf.numpy_function(
            draw, [step], [tf.uint8 if is_uint8 else tf.float32, tf.int64], stateful=False
        )
        images = tf.ensure_shape(images, image_shape)
        if is_uint8:
            images = tf.cast(images, tf.float32) / 255.0
        return (images, tf.ensure_shape(factors, factors_shape)) if with_factors else images

    return batches_of_steps(batch, start_step, num_batches)
