"""Numbered pairs of different points of a data set: along the traversals of a factor, or any two.

A factor of n values on a grid of N points has N (n - 1) ordered pairs along its traversals: pair k
is the point k // (n - 1) and one of the n - 1 others that differ from it in that factor alone. Any
two points make N (N - 1) pairs, numbered likewise. Drawing pairs is drawing numbers; taking all is
counting.
"""

from collections.abc import Iterator

import numpy as np

from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.state_space import FactorStateSpace

_LARGEST_SEED = 2**31 - 1


class TraversalPairs:
    """Pairs of images that differ in exactly one factor.

    What is not a factor, such as hidden factors and noise, is the same for both images of a pair.

    Args:
        data: the data set.
        factor: position of the factor, which has two values or more.
    """

    def __init__(self, data: GroundTruthData, factor: int):
        self.data = data
        self.factor = factor
        self._space = FactorStateSpace(data.factors_num_values)
        self._num_others = data.factors_num_values[factor] - 1

    def __len__(self) -> int:
        return self._space.num_states * self._num_others

    def factors_of(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Factors of both points, int64 `[num, num_factors]` each, of pair numbers `[num]`."""
        states, others = np.divmod(numbers, self._num_others)
        first = self._space.factors_of(states)
        second = first.copy()
        second[:, self.factor] += others + 1
        second[:, self.factor] %= self._num_others + 1
        return first, second

    def observations(
        self, numbers: np.ndarray, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Images in [0, 1] of both points of the pairs."""
        seed = random_state.randint(_LARGEST_SEED)
        return tuple(
            self.data.sample_observations_from_factors(factors, np.random.RandomState(seed))
            for factors in self.factors_of(numbers)
        )


class RandomPairs:
    """Pairs of any two different points: images where the set enumerates them, else factors.

    Args:
        data: the data set.
    """

    def __init__(self, data: GroundTruthData):
        self.data = data
        self._space = FactorStateSpace(data.factors_num_values)
        self._by_index = isinstance(data, EnumerableData)
        self._num_points = data.num_images if self._by_index else self._space.num_states

    def __len__(self) -> int:
        return self._num_points * (self._num_points - 1)

    def points_of(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions of both points, int64 `[num]` each, of pair numbers `[num]`."""
        first, second = np.divmod(numbers, self._num_points - 1)
        return first, second + (second >= first)

    def observations(
        self, numbers: np.ndarray, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Images in [0, 1] of both points of the pairs."""
        return tuple(self._observe(points, random_state) for points in self.points_of(numbers))

    def _observe(self, points, random_state):
        if self._by_index:
            return self.data.to_observations(self.data.images_at(points))
        factors = self._space.factors_of(points)
        return self.data.sample_observations_from_factors(factors, random_state)


def pair_numbers(
    num_existing: int,
    num_drawn: int | None,
    batch_size: int,
    random_state: np.random.RandomState,
) -> Iterator[np.ndarray]:
    """Batches of pair numbers: drawn with replacement or, with `num_drawn=None`, all in order."""
    num_pairs = num_existing if num_drawn is None else num_drawn
    for start in range(0, num_pairs, batch_size):
        size = min(batch_size, num_pairs - start)
        if num_drawn is None:
            yield np.arange(start, start + size)
        else:
            yield random_state.randint(num_existing, size=size, dtype=np.int64)


def check_exhaustible(data: GroundTruthData) -> None:
    """Raises ValueError unless the factors say everything about an image."""
    num_states = FactorStateSpace(data.factors_num_values).num_states
    if not isinstance(data, EnumerableData) or data.num_images != num_states:
        raise ValueError(
            "Expected a data set with one image for each combination of factors, to take all "
            f"pairs. Received: {data.name}, whose images also depend on what is drawn. Fix: sample "
            "pairs."
        )
