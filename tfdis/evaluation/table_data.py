"""A table of factors and codes in the form of a data set, for metrics that draw from one."""

import math

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.scoring.metric_needs import NotComputableError


class TableData(GroundTruthData):
    """Rows of a table as a data set whose "images" are row numbers; `represent` gives their codes.

    `sample` deals the rows in random order, each once before any comes again: a metric that draws
    as many samples as there are rows sees each exactly once, and one that draws a training and a
    test set sees no row in both.

    Args:
        codes: `[num_rows, num_latents]`.
        labels: integers from 0, `[num_rows, num_factors]`.
    """

    name = "table"
    provenance = "generated"

    def __init__(self, codes: np.ndarray, labels: np.ndarray):
        self._codes = np.asarray(codes, np.float64)
        self._labels = labels
        self._undealt = np.empty(0, np.int64)
        self.factor_names = tuple(f"factor {index}" for index in range(labels.shape[1]))

    @property
    def factors_num_values(self) -> list[int]:
        return (self._labels.max(axis=0) + 1).tolist()

    @property
    def observation_shape(self) -> list[int]:
        return [1, 1, 1]

    def sample(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        rows = self._deal(num, random_state)
        return self._labels[rows], rows.reshape(-1, 1, 1, 1)

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        sizes = self.factors_num_values
        return np.stack([random_state.randint(size, size=num) for size in sizes], axis=1)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        counts, starts, order = self._grid
        points = self._points(factors)
        drawn = (random_state.random_sample(len(points)) * counts[points]).astype(np.int64)
        return order[starts[points] + drawn].reshape(-1, 1, 1, 1)

    def represent(self, observations: np.ndarray) -> np.ndarray:
        """Codes of row numbers."""
        return self._codes[np.asarray(observations).reshape(-1)]

    def prepare_grid(self, what: str) -> None:
        """Makes `sample_observations_from_factors` possible.

        Args:
            what: name of what needs the grid, for the message.

        Raises:
            NotComputableError: a combination of factor values has no row.
        """
        sizes = self.factors_num_values
        total = math.prod(sizes)
        present = len(np.unique(self._labels, axis=0))
        if present < total:
            raise NotComputableError(
                f"{what} needs codes of every combination of factor values: {total} of "
                f"{' x '.join(map(str, sizes))} values. Received: {present} of them. Fix: give codes of "
                "all images of the data set, or leave this metric out."
            )
        points = self._points(self._labels)
        counts = np.bincount(points, minlength=total)
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self._grid = counts, starts, np.argsort(points, kind="stable")

    def _points(self, factors):
        return np.ravel_multi_index(tuple(np.asarray(factors).T), self.factors_num_values)

    def _deal(self, num, random_state):
        dealt = []
        while num > 0:
            if not len(self._undealt):
                self._undealt = random_state.permutation(len(self._labels))
            dealt.append(self._undealt[:num])
            self._undealt = self._undealt[num:]
            num -= len(dealt[-1])
        return np.concatenate(dealt)
