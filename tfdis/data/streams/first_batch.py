"""Checks a data set's first batch against what the set says about itself."""

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.state_space import check_factor_values
from tfdis.data.streams.sampling import sample_batch


def check_first_batch(
    data: GroundTruthData, batch_size: int, random_state: np.random.RandomState
) -> np.ndarray:
    """Draws a batch, and refuses a data set whose batch is not what it declares.

    Args:
        data: the data set.
        batch_size: number of images to draw.
        random_state: generator of all draws.

    Returns:
        The images as models see them, float32.

    Raises:
        ValueError: images of another shape or type, or factors outside of their range.
    """
    images, factors = sample_batch(data, batch_size, random_state)
    _check_images(data, images, (batch_size, *data.observation_shape))
    source = f"by the factors_num_values of {data.name}"
    check_factor_values(factors, data.factors_num_values, source)
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


def _check_images(data, images, expected):
    is_enumerable = isinstance(data, EnumerableData)
    method = "images_at" if is_enumerable else "sample_observations_from_factors"
    if images.shape != expected:
        is_rotated = images.ndim == 4 and (*images.shape[2:], images.shape[1]) == expected[1:]
        hint = " Fix: these are channels first; move that axis to the end." if is_rotated else ""
        raise ValueError(
            f"Expected images of shape {expected} from {method} of {data.name}, whose observation_shape "
            f"is {list(expected[1:])}. Received: shape {images.shape}.{hint}"
        )
    if is_enumerable and images.dtype != np.uint8:
        raise ValueError(
            f"Expected uint8 0..255 from {method} of {data.name}. Received: {images.dtype}."
        )
