"""Codes of drawn samples, in disentanglement_lib's order of drawing, encoded in large batches."""

from collections.abc import Callable

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData

FEWEST_SAMPLES = 2
# Bytes of images that wait to be encoded: about 1,300 of 64x64x3 floats.
_MOST_BYTES = 64 * 2**20


def draw_codes(
    ground_truth_data: GroundTruthData,
    representation_function: Callable,
    num_points: int,
    random_state: np.random.RandomState,
    batch_size: int,
) -> tuple[np.ndarray, np.ndarray]:
    """`generate_batch_factor_code`: draws in batches of `batch_size`, encodes in large ones.

    Returns:
        Codes `[dim, num_points]` and factors `[num_factors, num_points]`.

    Raises:
        ValueError: there are too few points for any statistic.
    """
    if num_points < FEWEST_SAMPLES or batch_size < 1:
        raise ValueError(
            f"Expected at least {FEWEST_SAMPLES} samples in batches of at least 1. Received: "
            f"{num_points} in batches of {batch_size}. Fix: num_train, num_test, batch_size."
        )
    factors, codes, waiting = [], [], []
    for start in range(0, num_points, batch_size):
        num = min(batch_size, num_points - start)
        drawn, observations = ground_truth_data.sample(num, random_state)
        factors.append(drawn)
        waiting.append(observations)
        if start + num == num_points or sum(part.nbytes for part in waiting) >= _MOST_BYTES:
            codes.append(representation_function(np.concatenate(waiting)))
            waiting = []
    return np.concatenate(codes).T, np.concatenate(factors).T
