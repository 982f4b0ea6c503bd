"""What the study of Locatello et al. (2019) asks of many runs: each method at its best, scores against scores.

References:
    Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
    Disentangled Representations", ICML. arXiv:1811.12359.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tfdis.report.statistics import COMPARABLE

# A rank correlation of fewer runs says nothing.
LEAST_RUNS = 10
_METHOD = [*COMPARABLE, "model"]


def best_of_methods(groups: pd.DataFrame, scores: Sequence[str]) -> pd.DataFrame:
    """The configuration of each method whose mean over seeds is highest, for each score.

    Args:
        groups: table of `group_runs`.
        scores: columns of scores of which a higher value is better.

    Returns:
        One row for each method on each data set and score: `mean`, `std`, `runs`, and `group`, the
        position of the configuration in the table of groups. Empty if no method has several
        configurations.
    """
    rows = []
    methods = groups.groupby(_METHOD, dropna=False, sort=False)
    for method, found in methods:
        for score in scores:
            means = pd.to_numeric(found[f"{score}/mean"])
            if means.notna().any():
                best = found.loc[means.idxmax()]
                statistics = {name: best[f"{score}/{name}"] for name in ("mean", "std")}
                row = dict(zip(_METHOD, method, strict=True)) | {"score": score} | statistics
                rows.append(row | {"runs": int(best[f"{score}/n"]), "group": best.name})
    columns = [*_METHOD, "score", "mean", "std", "runs", "group"]
    return pd.DataFrame(rows if methods.size().max() > 1 else [], columns=columns)


def rank_correlations(runs: pd.DataFrame, scores: Sequence[str]) -> pd.DataFrame:
    """Spearman's rank correlation of every two scores, over all runs of a data set.

    Args:
        runs: table with one row for each run.
        scores: columns of scores.

    Returns:
        One row for each score on each data set, with a column for each score; NaN where fewer than
        `LEAST_RUNS` runs have both scores. Scores without any are left out, as are their data sets.
    """
    tables = []
    for task, rows in runs.groupby(COMPARABLE, dropna=False, sort=False):
        values = rows[list(scores)].astype(float)
        values = values.where(np.isfinite(values))
        found = values.corr("spearman", min_periods=LEAST_RUNS)
        kept = [name for name in found if found[name].drop(name).notna().any()]
        table = found.loc[kept, kept]
        table.insert(0, "score", kept)
        for name, value in zip(reversed(COMPARABLE), reversed(task), strict=True):
            table.insert(0, name, value)
        tables.append(table)
    joined = pd.concat(tables, ignore_index=True)
    return joined if len(joined) else pd.DataFrame(columns=[*COMPARABLE, "score"])
