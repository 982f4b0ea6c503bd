"""Confidence intervals of scores over samples."""

from collections.abc import Callable

import numpy as np


def half_sample_intervals(
    compute: Callable[[np.ndarray], dict[str, float]],
    scores: dict[str, float],
    num_samples: int,
    num_resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Intervals from scores of random halves of the samples.

    A half drawn without replacement varies around the score of all samples as that score varies
    around the truth: (1 / (n/2)) (1 - (n/2) / n) = 1 / n. Unlike in Efron's bootstrap no sample
    comes twice, which would put copies of fitted samples among the tested ones, and give
    nearest-neighbour estimators equal points. The quantiles are taken around the halves' mean,
    since estimates from halves have a larger bias.

    Args:
        compute: function from row numbers to the scores of these samples.
        scores: scores of all samples.
        num_samples: number of samples.
        num_resamples: number of halves, at least 10.
        confidence: confidence level of the interval, between 0 and 1.
        seed: seed of the halves.

    Returns:
        A pair (low, high) for each name in `scores`.

    Raises:
        ValueError: a number is out of range.

    References:
        Shao and Wu (1989), "A General Theory for Jackknife Variance Estimation", Annals of
        Statistics 17 (deleting half of the samples).
        Politis and Romano (1994), "Large Sample Confidence Regions Based on Subsamples under
        Minimal Assumptions", Annals of Statistics 22.
    """
    if num_resamples < 10 or not 0 < confidence < 1:
        raise ValueError(
            "Expected bootstrap of at least 10 resamples and confidence between 0 and 1. Received: "
            f"bootstrap={num_resamples}, confidence={confidence}."
        )
    random_state = np.random.RandomState(seed)
    halves = [
        compute(random_state.permutation(num_samples)[: num_samples // 2])
        for _ in range(num_resamples)
    ]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    intervals = {}
    for name, value in scores.items():
        values = np.array([half[name] for half in halves])
        low, high = value + np.quantile(values, tails) - values.mean()
        intervals[name] = (float(low), float(high))
    return intervals
