"""Pairs of which every factor moves a little: SlowVAE's Laplace transitions on a grid of factors."""

import math

import numpy as np


def transition_probabilities(start: np.ndarray, size: int, rate: float | np.ndarray) -> np.ndarray:
    """p(k) proportional to exp(-|k - start| rate / ln size), k = 0..size-1: a value's next values.

    A Laplace density cut to the values that there are; it does not wrap around.

    Args:
        start: integers `[num]`, the values before.
        size: number of the factor's values, at least 2.
        rate: a number, or one for each start.

    Returns:
        `[num, size]` probabilities.

    Example:
        >>> transition_probabilities([2], 6, 1.0).round(4).tolist()
        [[0.1096, 0.1916, 0.3348, 0.1916, 0.1096, 0.0627]]

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """
    distance = np.abs(np.arange(size) - np.asarray(start)[:, None])
    weights = np.exp(-distance * np.reshape(rate, (-1, 1)) / math.log(size))
    return weights / weights.sum(axis=1, keepdims=True)


def laplace_factors(
    first: np.ndarray,
    sizes: np.ndarray,
    random_state: np.random.RandomState,
    moving: np.ndarray,
    rate: float | None,
) -> np.ndarray:
    """Draws the factors of the second images of pairs.

    Every moving factor makes a step of `transition_probabilities`. Where none of them changed, one of
    them, chosen uniformly, is drawn again from its probabilities without the value that it has.

    Args:
        first: factors of the first images, `[num, factors]`.
        sizes: numbers of values `[factors]`.
        random_state: generator of all draws.
        moving: boolean `[factors]`, of at least one factor with two values or more.
        rate: rate of the steps; None draws one for each pair, uniform on [1, 10].
    """
    rates = random_state.uniform(1.0, 10.0, size=len(first)) if rate is None else rate
    second, places = first.copy(), np.flatnonzero(moving)
    for factor in places:
        steps = transition_probabilities(first[:, factor], sizes[factor], rates)
        second[:, factor] = _draw(steps, random_state.random_sample(len(first)))
    chosen = places[random_state.randint(len(places), size=len(first))]
    again = random_state.random_sample(len(first))
    is_same = np.all(second == first, axis=1)
    for factor in places:
        rows = np.flatnonzero(is_same & (chosen == factor))
        own_rates = rates if np.ndim(rates) == 0 else rates[rows]
        starts = first[rows, factor]
        steps = transition_probabilities(starts, sizes[factor], own_rates)
        steps[np.arange(len(rows)), starts] = 0.0
        second[rows, factor] = _draw(steps / steps.sum(axis=1, keepdims=True), again[rows])
    return second


def _draw(probabilities, uniform):
    """One value for each row of probabilities, by numbers uniform on [0, 1)."""
    cumulative = np.cumsum(probabilities, axis=1)
    # Rounding of the sum never yields the value after the last, nor one of probability 0 at the end.
    places = uniform * cumulative[:, -1]
    return (places[:, None] >= cumulative).sum(axis=1)
