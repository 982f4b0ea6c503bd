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

    A half drawn without replacement varies around the score of all samples as that varies around the
    truth: (1 / (n/2)) (1 - (n/2) / n) = 1 / n. Unlike in Efron's bootstrap no sample comes twice,
    which would put copies of fitted samples among the tested ones, and give nearest-neighbour
    estimators equal points. The quantiles are taken around the halves' mean, as estimates of halves
    have a larger bias.

    Args:
      compute: scores of the samples with these row numbers.
      scores: of all samples.
      num_samples: number of samples.
      num_resamples: number of halves, at least 10.
      confidence: of the interval, between 0 and 1.
      seed: of the halves.

    Returns:
      (low, high) for each name in `scores`.

    Raises:
      ValueError: if a number is out of range.

    References:
      Shao & Wu, A General Theory for Jackknife Variance Estimation, 1989 (deleting half of the samples);
      Politis & Romano, Large Sample Confidence Regions Based on Subsamples, 1994.
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
