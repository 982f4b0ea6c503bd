"""Posteriors of several models on the same images, drawn from a data set."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData

# Bytes of images that wait to be encoded: about 1,300 of 64x64x3 floats.
_MOST_BYTES = 64 * 2**20


def draw_posteriors(
    ground_truth_data: GroundTruthData,
    representation_functions: Sequence[Callable],
    random_state: np.random.RandomState,
    batch_size: int,
    num_data_points: int,
    what: str,
) -> list[list[np.ndarray]]:
    """Draws images in disentanglement_lib's order, and encodes them with every model.

    Args:
        ground_truth_data: data set that the models were trained on.
        representation_functions: one function from images to (mean, log variance) for each model.
        random_state: generator from which images are drawn.
        batch_size: number of images that are drawn at a time; it has to divide num_data_points.
        num_data_points: number of images.
        what: gin name of what needs the posteriors, for the message.

    Returns:
        Means and log variances `[num_data_points, num_latents]` for each model.

    Raises:
        ValueError: a batch_size that does not divide num_data_points.
    """
    if batch_size < 1 or num_data_points < 1 or num_data_points % batch_size:
        raise ValueError(
            f"Expected {what}.num_data_points to be a multiple of {what}.batch_size. "
            f"Received: {num_data_points} and {batch_size}."
        )
    encoded = [[] for _ in representation_functions]
    for images in _draw(ground_truth_data, random_state, batch_size, num_data_points):
        for parts, represent in zip(encoded, representation_functions, strict=True):
            parts.append(represent(images))
    return [[np.concatenate(part) for part in zip(*parts, strict=True)] for parts in encoded]


def _draw(data, random_state, batch_size, num) -> Iterator[np.ndarray]:
    """Draws images in disentanglement_lib's small batches, joined to batches worth encoding."""
    drawn = []
    for end in range(batch_size, num + 1, batch_size):
        drawn.append(data.sample_observations(batch_size, random_state))
        if len(drawn) * drawn[0].nbytes >= _MOST_BYTES or end == num:
            yield np.concatenate(drawn)
            drawn = []
