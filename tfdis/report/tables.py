"""The cells of a report's tables as text, and how they are read."""

import itertools
import math
from collections.abc import Iterator, Mapping

import pandas as pd

from tfdis.report.build import Report
from tfdis.report.methods import LEAST_RUNS
from tfdis.report.paper_figures import PaperFigure
from tfdis.report.scores import SUM, label
from tfdis.report.statistics import COMPARABLE, STATISTICS

BEST, CORRELATIONS = "Each method at its best", "Rank correlations of scores"
PUBLISHED = "Published numbers"
_FEW = 5
_LONGEST = 28
SETTINGS = "settings"
PROVENANCES = (
    "Provenance of the images: original = the files that were published, or a user's own; re-rendered = "
    "drawn again after the published description; generated = made by a program or a simulation; not "
    "stated = the results do not say (disentanglement_lib's never do)."
)


def number(value: float | None) -> str:
    """A score with three decimals, or fewer digits if it is large.

    Example:
        >>> number(0.12345), number(5917.54), number(float("nan")), number(None)
        ('0.123', '5918', 'NaN', '')
    """
    if value is None:
        return ""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else str(value)
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def group_cell(group: Mapping, score: str) -> str:
    """A mean and its statistics: `0.123 ± 0.004 [0.117, 0.129]`, n if it is not all runs, NaN counts."""
    n, left_out = int(group[f"{score}/n"]), int(group[f"{score}/non_finite"])
    if not n:
        return f"NaN ({left_out} not finite)" if left_out else ""
    text = number(group[f"{score}/mean"])
    if n > 1:
        low, high = number(group[f"{score}/low"]), number(group[f"{score}/high"])
        text += f" ± {number(group[f'{score}/std'])} [{low}, {high}]"
    about = [f"n={n}"] if n != group["runs"] else []
    about += [f"{left_out} not finite"] if left_out else []
    return f"{text} ({', '.join(about)})" if about else text


def explanations(report: Report) -> list[str]:
    """How to read the tables, one paragraph each."""
    name = "Student's t" if report.interval == "t" else "bootstrap (10,000 resamples)"
    return [
        "A group has all runs that agree in everything that their gin configuration says (all of it is in "
        "groups.csv), but for the seed. Cells: mean ± standard deviation over seeds "
        f"(n - 1), [{report.confidence:.0%} confidence interval of the mean, {name}]. One run has "
        "neither. Scores that are not finite are shown, counted, and left out.",
        f"{SUM[0].upper()}{SUM[1:]}: DCI disentanglement, FactorVAE, SAP, MIG and IRS, each divided by "
        f"the highest value of its column among rows of the same {', '.join(COMPARABLE)}, added up (at "
        "most 5; of means in the groups). It compares the rows of this table only.",
        "DCI is three scores: disentanglement, completeness and informativeness (on test data). All "
        "other numbers of every metric are in runs.csv and groups.csv.",
        f"{BEST}: for each score by itself, the configuration with the highest mean over seeds, as in "
        "Locatello et al. (2019): chosen with the labels that it is scored on.",
        f"{PUBLISHED}: inside if the interval in which one more seed would lie, with a confidence of "
        f"{report.confidence:.0%}, holds the published number, which may have been rounded. The interval is "
        "mean ± t std sqrt(1 + 1/n) with Student's t of n - 1 degrees of freedom. With few seeds it is wide: "
        "at 95%, two seeds make it 15.6 standard deviations to each side, three 5.0, five 3.0.",
        f"{CORRELATIONS}: Spearman's, over all runs of a data set that have both scores, if there are "
        f"{LEAST_RUNS} or more.",
        PROVENANCES,
    ]


def summary(report: Report) -> str:
    """Numbers of runs, groups and data sets, as text."""
    runs, sets = report.runs["run"].nunique(), report.runs["data set"].nunique()
    groups = len(report.groups)
    return f"{_count(runs, 'run')}, {_count(groups, 'group')}, {_count(sets, 'data set')}"


def _count(number_of, noun):
    return f"{number_of} {noun}{'' if number_of == 1 else 's'}"


def configuration_headings(report: Report) -> list[str]:
    """Columns that describe a row: few, whatever the number of hyperparameters."""
    names = [name for name in report.keys if "." not in name]
    varied = list(dict.fromkeys(name for found in report.varied.values() for name in found))
    return [*names, *(varied if len(varied) <= _FEW else [SETTINGS])]


def group_labels(report: Report) -> list[str]:
    """What tells groups apart and is set, `vae, vae.beta=4.0`; "all runs" for a single group."""
    names = configuration_headings(report)
    rows = [_configuration(report, group) for group in records(report.groups)]
    differing = [len(set(cells)) > 1 for cells in zip(*rows, strict=True)]
    labels = []
    for cells in rows:
        told = itertools.compress(zip(names, cells, strict=True), differing)
        said = [f"{name}={cell}" if "." in name else cell for name, cell in told if cell]
        labels.append(", ".join(said) or "nothing set")
    return labels if any(differing) else ["all runs"]


def _configuration(report, row):
    cells = {SETTINGS: ", ".join(settings(report, row)), **row}
    return [str(cells[name]) for name in configuration_headings(report)]


def settings(report: Report, row: Mapping) -> list[str]:
    """`name=value` for what varies on the row's data set, long values shortened."""
    names = report.varied[row["data set"]]
    return [f"{name}={_short(row[name])}" for name in names if row[name] != ""]


def _short(value):
    return value if len(value) <= _LONGEST else f"{value[:12]}…{value[-12:]}"


def records(table: pd.DataFrame) -> list[dict]:
    """Rows as dictionaries, in which None stays None."""
    return table.astype(object).to_dict("records")


def group_rows(report: Report) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the groups, as text."""
    names = configuration_headings(report)
    headings = [*names, "runs", "seeds", SUM, *map(label, report.headlines), "best run"]
    rows = []
    for group in records(report.groups):
        cells = [*_configuration(report, group), str(group["runs"]), group["seeds"]]
        cells += [_sum(group[SUM]), *(group_cell(group, score) for score in report.headlines)]
        by = f" (by {label(group['best by'])})" if group["best by"] else ""
        rows.append([*cells, group["best run"] + by])
    return headings, rows


def run_rows(report: Report) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the runs, as text."""
    names = configuration_headings(report)
    headings = ["run", *names, "seed", SUM, *map(label, report.headlines)]
    rows = []
    for run in records(report.runs):
        cells = [run["run"], *_configuration(report, run), run["seed"], _sum(run[SUM])]
        rows.append([*cells, *(number(run[score]) for score in report.headlines)])
    return headings, rows


def paper_table(figure: PaperFigure) -> tuple[list[str], int, list[list[str]]]:
    """Headings, number of columns that are names, and cells of a paper's table or figure."""
    headings, num_left = [], len(figure.keys)
    cells: list[list[str]] = []
    rows = records(figure.table)
    for column in figure.table:
        score, _, statistic = column.rpartition("/")
        if score and statistic in STATISTICS:
            if statistic == "mean":
                headings.append(label(score))
                cells.append([group_cell(row, score) for row in rows])
        else:
            headings.append(column)
            cells.append([_plain_cell(row[column]) for row in rows])
    return headings, num_left, [list(row) for row in zip(*cells, strict=True)]


def _plain_cell(value):
    if isinstance(value, str | int):
        return str(value)
    return "" if math.isnan(value) else f"{value:.4g}"


def further_tables(report: Report) -> Iterator[tuple[str, list[str], int, list[list[str]]]]:
    """What many runs tell: name, headings, number of columns that are names, and cells of each table."""
    if len(report.published):
        headings, rows = published_rows(report.published)
        yield PUBLISHED, headings, headings.index("published"), rows
    if len(report.methods):
        scores = list(dict.fromkeys(report.methods["score"]))
        names = [*COMPARABLE, "model"]
        rows = []
        for method, found in report.methods.groupby(names, dropna=False, sort=False):
            cells = {best["score"]: _best_cell(report, best) for best in records(found)}
            rows.append([*map(str, method), *(cells.get(score, "") for score in scores)])
        yield BEST, [*names, *map(label, scores)], len(names), rows
    if len(report.correlations):
        names, scores = (
            [*COMPARABLE, "score"],
            list(report.correlations.columns[len(COMPARABLE) + 1 :]),
        )
        rows = [
            [*(str(row[name]) for name in COMPARABLE), label(row["score"])]
            + ["" if math.isnan(row[score]) else f"{row[score]:.2f}" for score in scores]
            for row in records(report.correlations)
        ]
        yield CORRELATIONS, [*names, *map(label, scores)], len(names), rows


def published_rows(published: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of the published numbers, as text."""
    headings = ["paper", "group", "score", "verdict", "note", "images"]
    headings += ["published", "mean over seeds", "n"]
    rows = []
    for found in records(published):
        mean = number(found["mean"]) if found["n"] else ""
        if found["n"] > 1:
            mean += f" [{number(found['low'])}, {number(found['high'])}]"
        names = [f"{found['paper']}, {found['place']}", found["group"], label(found["score"])]
        names += [found["verdict"], found["note"], found["images"]]
        rows.append([*names, found["published"], mean, str(found["n"])])
    return headings, rows


def _best_cell(report, best):
    text = number(best["mean"]) + (f" ± {number(best['std'])}" if best["runs"] > 1 else "")
    return f"{text} ({', '.join(settings(report, report.groups.loc[best['group']]))})"


def _sum(value):
    return number(value) if math.isfinite(value) else ""
