"""Table 1 and figures 7 and 8 of "A Preliminary Study of Disentanglement", and how its metrics agree.

References:
    Abdi et al. (2019), "A Preliminary Study of Disentanglement With Insights on the Inadequacy of
    Metrics". arXiv:1911.11791.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tfdis import registry
from tfdis.configuration import unquoted
from tfdis.plots.curves import read_training_log
from tfdis.plots.grouped_scores import plot_score_lines
from tfdis.plots.seed_scores import SeedScores
from tfdis.report.paper_figures import PaperFigure, groups_of, seed_scores, statistics_table
from tfdis.report.published import FOLDER, read_published
from tfdis.report.runs import ScoredRun
from tfdis.report.scores import SUM, SUMMED, label
from tfdis.report.statistics import normalised_sum

_LABELS = {
    "betatcvae": "beta-TCVAE",
    "factorvae": "FactorVAE",
    "betavae": "beta-VAE",
    "infovae": "InfoVAE",
    "dipvae_i": "DIP-VAE-I",
    "dipvae_ii": "DIP-VAE-II",
}
# The paper's Table 1, its columns in the order of SUMMED.
PUBLISHED = {
    _LABELS[row["group"]]: tuple(float(row[score]) for score in SUMMED)
    for row in read_published(FOLDER / "preliminary_study.csv")
}
_NAMES = {
    "beta_tc_vae": "beta-TCVAE",
    "factor_vae": "FactorVAE",
    "vae": "beta-VAE",
    "info_vae": "InfoVAE",
}
# Figure 7 has DCI, FactorVAE and IRS, figure 8 MIG and SAP.
_CURVES = (
    "dci/disentanglement",
    "dci_lasso/disentanglement",
    "factor_vae/eval_accuracy",
    "irs/IRS",
    "mig/discrete_mig",
    "sap/SAP_score",
)
_OURS, _THEIRS = "this study", "published"
_LEAST_METHODS = 3


@registry.figures("preliminary_study")
@registry.figures("preliminary_study_code")
def preliminary_study(runs: Sequence[ScoredRun], describe: Callable) -> Iterator[PaperFigure]:
    """Table 1, the rank correlations of its columns, and the scores during training."""
    methods = groups_of(runs, method_of)
    table = _table_1(methods, describe)
    yield PaperFigure(
        name="table_1",
        title="Table 1: six methods, five metrics and their normalised sum",
        caption="Means over seeds; each is divided by the highest of its column among the methods of the same "
        "source, and added up. Published: as printed in the paper, which trained for 200,000 steps, and "
        "whose DIP-VAE-II had another objective.",
        table=table,
        keys=("method", "source"),
    )
    correlations = _correlations(table[table["source"] == _OURS])
    if len(correlations):
        yield PaperFigure(
            name="rank_correlations",
            title="Rank correlations of the metrics of table 1",
            caption=f"Spearman's, over the means of {len(methods)} methods, which are few. The paper does not "
            "have this table; it finds the metrics inadequate after a look at the traversals.",
            table=correlations,
            keys=("score",),
        )
    curves = _curves(methods, describe)
    if curves:
        yield PaperFigure(
            name="figures_7_and_8",
            title="Figures 7 and 8: scores during training",
            caption="Means over seeds and their confidence intervals, on one sample of images for all steps. "
            "DCI lasso has lasso regressions in place of boosted trees. FactorVAE is not computed "
            "during training: its metric draws images with equal factors.",
            table=_long_table(curves),
            keys=("score", "method"),
            draw=lambda path, title: plot_score_lines(curves, path, "step", title, limits=None),
        )


def method_of(run: ScoredRun) -> str:
    """A run's method as the paper calls it."""
    if run.model == "dip_vae":
        return f"DIP-VAE-{unquoted(run.config.get('dip_vae.dip_type', '')).upper()}"
    return _NAMES.get(run.model, run.model)


def _table_1(methods, describe):
    ours = statistics_table(methods, ("method",), SUMMED, describe)
    ours.insert(1, "source", _OURS)
    theirs = pd.DataFrame(
        [
            {"method": method, "source": _THEIRS, "runs": 1}
            | {
                f"{score}/{name}": found
                for score, value in zip(SUMMED, values, strict=True)
                for name, found in (("mean", value), ("n", 1), ("non_finite", 0))
            }
            for method, values in PUBLISHED.items()
        ]
    )
    parts = []
    for part in (ours, theirs):
        means = pd.DataFrame({score: part[f"{score}/mean"] for score in SUMMED})
        part.insert(3, SUM, normalised_sum(means))
        parts.append(part.sort_values(SUM, ascending=False))
    return pd.concat(parts, ignore_index=True)


def _correlations(table):
    means = pd.DataFrame({label(score): table[f"{score}/mean"] for score in SUMMED})
    found = means.corr("spearman", min_periods=_LEAST_METHODS)
    if not found.where(~np.eye(len(found), dtype=bool)).notna().any(axis=None):
        return pd.DataFrame()
    return found.rename_axis("score").reset_index()


def _curves(methods, describe) -> dict[str, dict[str, dict[float, SeedScores]]]:
    """By score, method and step: the scores during training, of the runs that have them."""
    logs = {method: [_log(run) for run in runs] for (method,), runs in methods.items()}
    curves = {}
    for score in _CURVES:
        for method, of_runs in logs.items():
            values: dict[float, list[float]] = {}
            for log in of_runs:
                for step, value in zip(log.get("step", ()), log.get(score, ()), strict=False):
                    values.setdefault(step, []).append(value)
            if values:
                curves.setdefault(label(score), {})[method] = {
                    step: seed_scores(found, describe) for step, found in values.items()
                }
    return curves


def _log(run) -> Mapping[str, np.ndarray]:
    try:
        return read_training_log(run.folder / "model" / "scores.csv")
    except (FileNotFoundError, ValueError):
        return {}


def _long_table(curves):
    return pd.DataFrame(
        {
            "score": score,
            "method": method,
            "step": int(step),
            "mean": scores.mean,
            "low": scores.low,
            "high": scores.high,
            "runs": len(scores.values),
        }
        for score, by_method in curves.items()
        for method, by_step in by_method.items()
        for step, scores in by_step.items()
    )
