"""Random batches as a pure function of (seed, step), without TensorFlow."""

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData

_FOLDS = {"train": 0, "evaluation": 1}
_STEP_BITS = 56


def random_state_at(seed: int, step: int, fold: str = "train") -> np.random.RandomState:
    """A separate random generator for each seed, step and fold.

    The Philox counter generator takes the three as its 128-bit key, so that any step is reached at
    once and no two share a sequence; the methods of `RandomState` are frozen across NumPy versions.

    Args:
        seed: any 64-bit integer.
        step: number of the step, from 0 to 2^56 - 1.
        fold: "train" or "evaluation".

    Raises:
        ValueError: the step is out of range, or the fold is unknown.
    """
    if fold not in _FOLDS or not 0 <= step < 2**_STEP_BITS:
        raise ValueError(
            f"Expected a step from 0 to 2^{_STEP_BITS} - 1 and a fold of {list(_FOLDS)}. "
            f"Received: step={step}, fold={fold!r}."
        )
    words = (int(seed) % 2**64, int(step) + (_FOLDS[fold] << _STEP_BITS))
    return np.random.RandomState(np.random.Philox(key=np.array(words, dtype=np.uint64)))


def sample_batch(
    data: GroundTruthData, batch_size: int, random_state: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Draws images with replacement: all alike, or as the split of the data set says.

    Returns:
        Images, uint8 0..255 for data that enumerate their images, else float32 in [0, 1], and their
        ground-truth factors, int64.
    """
    if isinstance(data, EnumerableData):
        indices = data.sample_indices(batch_size, random_state)
        return data.images_at(indices), data.indices_to_factors(indices)
    factors, observations = data.sample(batch_size, random_state)
    return observations.astype(np.float32), factors.astype(np.int64)


def sample_images(
    data: GroundTruthData, factors: np.ndarray, random_state: np.random.RandomState
) -> np.ndarray:
    """Draws an image for each row of factors; uint8 or float32 as of `sample_batch`."""
    if isinstance(data, EnumerableData):
        return data.images_at(data.sample_indices_from_factors(factors, random_state))
    return data.sample_observations_from_factors(factors, random_state).astype(np.float32)
