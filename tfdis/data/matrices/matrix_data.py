"""Matrices of abstract reasoning of a data set, and the gin configurable `pgm`."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import gin
import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.label_factors import one_hot
from tfdis.data.matrices.design import NUM_ANSWERS, NUM_CONTEXT, draw_factors
from tfdis.data.matrices.quantised import QuantisedData

_TYPE = re.compile(r"(easy|hard).*?(1|2|3|mixed)")
_DISTRIBUTIONS = {
    "1": (1.0, 0.0, 0.0),
    "2": (0.0, 1.0, 0.0),
    "3": (0.0, 0.0, 1.0),
    "mixed": (1 / 3, 1 / 3, 1 / 3),
}


class Matrix(NamedTuple):
    """One matrix: what is seen of it, its factors, and which answer is right.

    Attributes:
        context: observations of the first eight panels, row by row, `[8, ...]`; None if none were
            drawn.
        answers: observations of the six answers, `[6, ...]`; None if none were drawn.
        context_factors: int64 `[8, num_factors]`.
        answer_factors: int64 `[6, num_factors]`.
        position: number of the right answer, from 0 to 5.
    """

    context: np.ndarray | None
    answers: np.ndarray | None
    context_factors: np.ndarray
    answer_factors: np.ndarray
    position: int


class MatrixData:
    """Matrices of the images of a data set.

    Args:
        data: the data set, whose factors have at least 3 values.
        relations: probabilities of 1, 2, ... factors that are constant in each row.
        hard: whether wrong answers are changes of the right one; see `draw_factors`.
        sampling: "dlib" or "unique"; see `draw_factors`.

    References:
        As for `draw_factors`.
    """

    def __init__(
        self,
        data: GroundTruthData,
        relations: Sequence[float],
        hard: bool = False,
        sampling: str = "dlib",
    ):
        self.data = data
        self._relations = list(relations)
        self._hard = hard
        self._sampling = sampling

    def sample(self, random_state: np.random.RandomState, observed: bool = True) -> Matrix:
        """Draws one matrix; with the same random state it is disentanglement_lib's.

        Args:
            random_state: the generator.
            observed: whether observations are drawn too. Without them it is another matrix, since
                they may take numbers from the generator.

        Raises:
            ValueError: the factors do not suffice for the relations.
        """
        num_active = 1 + random_state.choice(len(self._relations), p=self._relations)
        sizes = self.data.factors_num_values
        drawn = draw_factors(random_state, sizes, num_active, self._hard, self._sampling)
        panels = drawn.panels.reshape(NUM_CONTEXT + 1, -1)
        context = answers = alternatives = None
        if observed:
            observe = self.data.sample_observations_from_factors
            context = np.concatenate([observe(row, random_state) for row in drawn.panels])
            alternatives = observe(drawn.alternatives, random_state)
        position = int(random_state.randint(NUM_ANSWERS))
        if observed:
            answers = np.insert(alternatives, position, context[-1], axis=0)
            context = context[:-1]
        answer_factors = np.insert(drawn.alternatives, position, panels[-1], axis=0)
        return Matrix(context, answers, panels[:-1], answer_factors, position)

    def as_values(self, factors: np.ndarray) -> np.ndarray:
        """Factors `[..., num_factors]` as numbers from -0.5 to 0.5, float32."""
        largest = np.array(self.data.factors_num_values, np.float32) - 1
        return factors.astype(np.float32) / largest - np.float32(0.5)

    def as_one_hot(self, factors: np.ndarray) -> np.ndarray:
        """Factors `[..., num_factors]` as one-hot vectors one after the other, float32."""
        return one_hot(factors, self.data.factors_num_values)


@gin.configurable("pgm", module="tfdis.data", denylist=["data"])
def make_matrix_data(
    data: GroundTruthData,
    pgm_type: str = gin.REQUIRED,
    sampling: str = "dlib",
    most_values: Sequence[int] | None = None,
) -> MatrixData:
    """Matrices of a data set, as `pgm.pgm_type` says.

    Args:
        data: the data set.
        pgm_type: "easy" or "hard" (how wrong answers are drawn), then "1", "2", "3" or "mixed" (how
            many factors are constant in each row), for example "easy1".
        sampling: "dlib" for the wrong answers that disentanglement_lib's code draws, which does not
            heed "hard"; "unique" for those that it describes. See `draw_factors`.
        most_values: the most values of each factor; None for those of the paper, which has them for
            abstract_dsprites and shapes3d.

    Raises:
        ValueError: another type, or no numbers of values for the data set.
    """
    match = _TYPE.fullmatch(str(pgm_type))
    if not match:
        raise ValueError(
            "Expected pgm.pgm_type of easy or hard, then 1, 2, 3 or mixed, for example 'easy1' or "
            f"'hard_mixed'. Received: {pgm_type!r}."
        )
    if most_values is None:
        published = registry.DATA_SETS.facts("matrix_sizes")
        if data.name not in published:
            raise ValueError(
                f"Expected a data set of which matrices are defined, one of {', '.join(published)}. "
                f"Received: {data.name}. Fix: choose one, or bind pgm.most_values to the most values of "
                f"each of its factors, of {list(data.factors_num_values)}."
            )
        most_values = published[data.name]
    quantised = QuantisedData(data, most_values)
    return MatrixData(quantised, _DISTRIBUTIONS[match[2]], match[1] == "hard", sampling)
