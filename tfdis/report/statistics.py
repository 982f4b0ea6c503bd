"""Statistics over seeds: mean, standard deviation, confidence interval; and the normalised sum."""

import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tfdis.report.scores import SUM, SUMMED

INTERVALS = ("t", "bootstrap")
_RESAMPLES = 10000
STATISTICS = ("mean", "std", "n", "non_finite", "low", "high", "min", "max")
# Maxima are taken among rows that agree in these columns; other rows are other tasks.
COMPARABLE = ["data set", "provenance", "representation"]


def normalised_sum(scores: pd.DataFrame) -> pd.Series:
    """sum_c s_c / max(s_c) over the columns DCI disentanglement, FactorVAE, SAP, MIG and IRS.

    Args:
        scores: table with one row for each system and the columns of `SUMMED`.

    Returns:
        The sum of each row, at most 5; NaN if a score of the row is missing or not finite, or if a
        column has no maximum above 0.
    """
    columns = scores.reindex(columns=list(SUMMED)).astype(float)
    columns = columns.where(np.isfinite(columns))
    maxima = columns.max()
    return (columns / maxima.where(maxima > 0)).sum(axis=1, skipna=False)


def add_normalised_sum(table: pd.DataFrame, columns: dict[str, str]) -> pd.Series:
    """Computes the normalised sum within rows of the same data set, provenance and representation.

    Args:
        table: table with the columns `COMPARABLE`.
        columns: the table's column for each score.
    """
    found = pd.Series(np.nan, index=table.index, name=SUM)
    for _, rows in table.groupby(COMPARABLE, dropna=False, sort=False):
        named = {score: rows[column] for score, column in columns.items() if column in rows}
        found.loc[rows.index] = normalised_sum(pd.DataFrame(named, index=rows.index))
    return found


def describe(values: Sequence[float], interval: str = "t", confidence: float = 0.95) -> dict:
    """Mean over seeds with its confidence interval; values that are not finite are left out and counted.

    Args:
        values: one score for each seed.
        interval: "t" for mean +- t_{(1+c)/2, n-1} std / sqrt(n), Student's; or "bootstrap" for
            quantiles of the means of 10,000 samples of the seeds with replacement (too narrow below
            about ten seeds).
        confidence: c, the confidence level.

    Returns:
        mean; std with n - 1 in the denominator; n; non_finite; low and high; min and max. A statistic
        that is not defined is NaN: one value has no std and no interval.

    Example:
        >>> statistics = describe([0.1, 0.2, float("nan"), 0.3])
        >>> statistics["n"], statistics["non_finite"], round(statistics["mean"], 3)
        (3, 1, 0.2)
    """
    values = np.asarray(values, float)
    kept = values[np.isfinite(values)]
    n = len(kept)
    found = dict.fromkeys(STATISTICS, np.nan) | {"n": n, "non_finite": len(values) - n}
    if n:
        found |= {"mean": float(kept.mean()), "min": float(kept.min()), "max": float(kept.max())}
    if n > 1:
        found["std"] = float(kept.std(ddof=1))
        compute = _bootstrap if interval == "bootstrap" else _student_t
        found["low"], found["high"] = compute(kept, confidence)
    return found


def new_observation(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """The interval in which one more value lies: mean +- t_{(1+c)/2, n-1} std sqrt(1 + 1/n).

    Args:
        values: two values or more, of one normal distribution.
        confidence: c, the confidence level.

    Example:
        >>> low, high = new_observation(np.array([0.1, 0.2, 0.3]))
        >>> round(low, 3), round(high, 3)
        (-0.297, 0.697)
    """
    n = len(values)
    quantile = _student_quantile((1 + confidence) / 2, n - 1)
    half = quantile * values.std(ddof=1) * np.sqrt(1 + 1 / n)
    return float(values.mean() - half), float(values.mean() + half)


def _student_t(values, confidence):
    n = len(values)
    half = _student_quantile((1 + confidence) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return float(values.mean() - half), float(values.mean() + half)


@functools.cache
def _student_quantile(probability, degrees):
    from scipy.stats import t

    return t.ppf(probability, degrees)


def _bootstrap(values, confidence):
    drawn = np.random.RandomState(0).randint(len(values), size=[_RESAMPLES, len(values)])
    low, high = np.quantile(
        values[drawn].mean(axis=1), [(1 - confidence) / 2, (1 + confidence) / 2]
    )
    return float(low), float(high)


def group_runs(
    runs: pd.DataFrame,
    keys: Sequence[str],
    scores: Sequence[str],
    interval: str = "t",
    confidence: float = 0.95,
    best_by: str | None = None,
) -> pd.DataFrame:
    """One row for the runs that agree in everything but the seed.

    Args:
        runs: table with the columns `run`, `seed`, `keys`, `scores` and the normalised sum.
        keys: columns of the configuration.
        scores: columns of the scores; a cell without a number was not scored, and is not counted if
            it is None.
        interval: "t" or "bootstrap"; see `describe`.
        confidence: confidence level of the interval.
        best_by: score whose highest value makes the best run; None for the normalised sum or,
            without one, the first score that there is.

    Returns:
        The keys, `runs`, `seeds`, `<score>/<statistic>`, the normalised sum of the means, `best
        run` and `best by`.
    """
    rows = []
    for _, group in runs.groupby(list(keys), dropna=False, sort=False):
        row = group.iloc[0][list(keys)].to_dict()
        row |= {"runs": len(group), "seeds": " ".join(map(str, group["seed"]))}
        for score in scores:
            present = [value for value in group[score] if value is not None]
            for name, value in describe(present, interval, confidence).items():
                row[f"{score}/{name}"] = value
        row["best run"], row["best by"] = _best(group, scores, best_by)
        rows.append(row)
    table = pd.DataFrame(rows)
    means = {score: f"{score}/mean" for score in SUMMED}
    table.insert(len(keys) + 2, SUM, add_normalised_sum(table, means))
    return table


def _best(group, scores, best_by):
    for name in [best_by] if best_by else [SUM, *scores]:
        values = pd.to_numeric(group[name])
        values = values[np.isfinite(values)]
        if len(values):
            return group.loc[values.idxmax(), "run"], name
    return "", ""
