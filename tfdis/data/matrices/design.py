"""Factors of matrices of abstract reasoning, drawn in disentanglement_lib's order.

A matrix has three rows of three panels. Some factors, the active ones, have one value in each row; the
others vary. The last panel is missing, and one of six answers is right: the one whose active factors
are those of its row.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

NUM_ROWS = NUM_COLUMNS = 3
NUM_CONTEXT = NUM_ROWS * NUM_COLUMNS - 1
NUM_ANSWERS = 6
SAMPLINGS = ("dlib", "unique")
_MOST_TRIES = 1000
_MOST_ALTERNATIVES = 100


class MatrixFactors(NamedTuple):
    """Factors of one matrix.

    Attributes:
        panels: the whole matrix with its right answer, int64 `[3, 3, num_factors]`.
        alternatives: the wrong answers, int64 `[5, num_factors]`.
        active: positions of the factors that are constant in each row.
    """

    panels: np.ndarray
    alternatives: np.ndarray
    active: list[int]


def draw_factors(
    random_state: np.random.RandomState,
    factor_sizes: Sequence[int],
    num_active: int,
    hard: bool = False,
    sampling: str = "dlib",
) -> MatrixFactors:
    """Draws one matrix and its wrong answers.

    Args:
        random_state: the generator, which the same calls are made of as in disentanglement_lib.
        factor_sizes: number of values of each factor, at least 3.
        num_active: number of active factors.
        hard: whether wrong answers are changes of the right one, rather than last panels of other
            matrices; "unique" alone heeds it.
        sampling: "dlib" for the wrong answers that disentanglement_lib's code draws: never hard
            ones, whatever is asked for, and perhaps one twice. "unique" for those that it
            describes: hard ones if asked for, and all different.

    Raises:
        ValueError: more active factors than factors, factors of fewer than 3 values, or no answers
            that are wrong.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506 (section 3).
    """
    _check(factor_sizes, num_active, sampling)
    active = _draw_active(random_state, len(factor_sizes), num_active)
    panels = _draw_panels(random_state, factor_sizes, active)
    solution = panels[-1, -1]
    if hard and sampling == "unique":
        draw = _changes_of(random_state, factor_sizes, active, solution)
    else:

        def draw():
            others = _draw_active(random_state, len(factor_sizes), num_active)
            return _draw_panels(random_state, factor_sizes, others)[-1, -1]

    alternatives: list[np.ndarray] = []
    for _ in range(NUM_ANSWERS - 1):
        there = alternatives if sampling == "unique" else ()
        alternatives.append(_draw_wrong(draw, active, solution, there))
    return MatrixFactors(panels, np.array(alternatives), active)


def _check(factor_sizes, num_active, sampling):
    if sampling not in SAMPLINGS:
        raise ValueError(f"Expected pgm.sampling of {SAMPLINGS}. Received: {sampling!r}.")
    if min(factor_sizes, default=0) < NUM_COLUMNS or not 1 <= num_active <= len(factor_sizes):
        raise ValueError(
            f"Expected factors of at least {NUM_COLUMNS} values, and from 1 to as many relations as "
            f"factors. Received: {list(factor_sizes)} values and {num_active} relations. Fix: another "
            "data set or other factors."
        )


def _draw_active(random_state, num_factors, num_active):
    left = list(range(num_factors))
    return [left.pop(random_state.randint(len(left))) for _ in range(num_active)]


def _draw_panels(random_state, factor_sizes, active):
    panels = np.empty((NUM_ROWS, NUM_COLUMNS, len(factor_sizes)), np.int64)
    for factor, size in enumerate(factor_sizes):
        if factor in active:
            for row in range(NUM_ROWS):
                panels[row, :, factor] = random_state.randint(size)
        else:
            panels[:, :, factor] = _draw_without_rule(random_state, size)
    return panels


def _draw_without_rule(random_state, size):
    """Values `[3, 3]` whose first two rows are neither both constant nor both without repetition."""
    for _ in range(_MOST_TRIES):
        values = random_state.randint(size, size=(NUM_ROWS, NUM_COLUMNS))
        different = [len(set(row)) for row in values[:-1].tolist()]
        if min(different) < NUM_COLUMNS and max(different) > 1:
            return values
    raise ValueError(f"Expected values without a rule in {_MOST_TRIES} tries. Received none.")


def _changes_of(random_state, factor_sizes, active, solution) -> Callable[[], np.ndarray]:
    """A function that changes one active factor and all others that are not active, again and again."""
    answer = solution.copy()

    def change():
        factor = active[random_state.randint(len(active))]
        answer[factor] = random_state.randint(factor_sizes[factor])
        for factor, size in enumerate(factor_sizes):
            if factor not in active:
                answer[factor] = random_state.randint(size)
        return answer.copy()

    return change


def _draw_wrong(draw, active, solution, there):
    """The first answer that breaks a rule of the last row and is not there yet."""
    for _ in range(_MOST_ALTERNATIVES):
        answer = draw()
        breaks_a_rule = np.any(answer[active] != solution[active])
        if breaks_a_rule and not any(np.array_equal(answer, other) for other in there):
            return answer
    raise ValueError(
        f"Expected a wrong answer in {_MOST_ALTERNATIVES} tries. Received none: the factors have too few "
        "values."
    )
