"""Many runs as one report: one row per run, and one for runs that differ in the seed only."""

import collections
import dataclasses
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tfdis.configuration import unquoted
from tfdis.report.methods import best_of_methods, rank_correlations
from tfdis.report.paper_figures import PaperFigure, figures_of, studies_of
from tfdis.report.published import compare, published_of, without_numbers
from tfdis.report.read import Unreadable
from tfdis.report.runs import ScoredRun, collect_runs
from tfdis.report.scores import SUM, SUMMED, has_best, in_order, is_headline
from tfdis.report.statistics import INTERVALS, add_normalised_sum, group_runs
from tfdis.report.study import STUDY_FILE

_IDENTITY = ["model", "data set", "trained on", "provenance", "representation"]
# Bindings that do not make another configuration: seeds, names, threads, frequencies of logging.
_NO_CONFIGURATION = re.compile(
    r"(\.|_)seed$|^(model|postprocess|evaluation)\.(name|model_num)$|^dataset\.name$|^model\.model$"
    r"|^postprocess\.postprocess_fn$|^model\.((log|checkpoint|eval)_steps|threads)$"
    r"|^(train|validation)\.|^scores_while_training\.|^model\.callbacks$"
)


@dataclasses.dataclass(frozen=True)
class Report:
    """The comparison that `bin/report` writes.

    Attributes:
        runs: table with one row for each run, representation and data set; its columns are `run`,
            those of `keys`, `seed`, the normalised sum and the scores. None stands for a metric
            that was not computed.
        groups: table of the groups, see `group_runs`.
        methods: table of each method at its best, see `best_of_methods`.
        correlations: table of `rank_correlations` of the headlines.
        papers: tables and figures of papers, by folder of the study; see `figures_of`.
        published: table of `tfdis.report.published.compare`, of the studies that the folders are.
        keys: columns of the configuration.
        varied: for each data set, those of the keys that are hyperparameters and have several
            values on it.
        scores: columns of all scores, `<metric>/<score>`.
        headlines: columns of the scores for tables that people read.
        common: gin bindings that all runs share.
        unreadable: files and folders that could not be read.
        notes: texts that a reader of the report has to know.
        folders: path of each run's folder, by `run`.
        interval: kind of confidence interval, "t" or "bootstrap".
        confidence: confidence level of the interval.
    """

    runs: pd.DataFrame
    groups: pd.DataFrame
    methods: pd.DataFrame
    correlations: pd.DataFrame
    papers: dict[Path, list[PaperFigure]]
    published: pd.DataFrame
    keys: list[str]
    varied: dict[str, list[str]]
    scores: list[str]
    headlines: list[str]
    common: dict[str, str]
    unreadable: list[Unreadable]
    notes: list[str]
    folders: dict[str, Path]
    interval: str
    confidence: float


def build_report(
    roots: Sequence[str | os.PathLike],
    interval: str = "t",
    confidence: float = 0.95,
    best_by: str | None = None,
) -> Report:
    """Reads all runs at or below some folders, and compares them.

    Args:
        roots: paths of folders of runs, in the layout of `bin/train` with `bin/evaluate`, of
            `dlib_reproduce`, or any in which results of disentanglement_lib lie.
        interval: "t" (Student) or "bootstrap"; see `describe`.
        confidence: confidence level of the interval, between 0 and 1.
        best_by: score that chooses a group's best run, `<metric>/<score>`; None for the normalised
            sum.

    Returns:
        The report.

    Raises:
        FileNotFoundError, NotADirectoryError: a root is missing, or is no folder.
        ValueError: there are no results, or an option is wrong.
    """
    if interval not in INTERVALS or not 0 < confidence < 1:
        raise ValueError(
            f"Expected an interval of {INTERVALS} and a confidence between 0 and 1. Received: "
            f"{interval!r}, {confidence}."
        )
    found, unreadable, notes = collect_runs(roots)
    scores = in_order({score for run in found for score in run.scores})
    if best_by is not None and best_by not in (*scores, SUM):
        raise ValueError(f"Expected best_by of {', '.join([SUM, *scores])}. Received: {best_by!r}.")
    differing, common = _configurations(found)
    keys = [
        name for name in _IDENTITY if name != "trained on" or _was_transferred(found)
    ] + differing
    runs = _table(found, keys, differing, scores)
    groups = group_runs(runs, keys, scores, interval, confidence, best_by)
    headlines = [score for score in scores if is_headline(score)]
    papers, studies, damaged = _papers(found, interval, confidence)
    published, folders = published_of(studies), {run.name: run.folder for run in found}
    return Report(
        runs=runs,
        groups=groups,
        methods=best_of_methods(groups, [*filter(has_best, headlines)]),
        correlations=rank_correlations(runs, headlines),
        papers=papers,
        published=compare(published, runs, folders, confidence),
        keys=keys,
        varied=_varied(runs, differing),
        scores=scores,
        headlines=headlines,
        common=common,
        unreadable=[*unreadable, *damaged],
        notes=[
            *(*notes, *without_numbers(published)),
            *(*_differing_settings(found), *_repeated_seeds(runs, keys)),
        ],
        folders=folders,
        interval=interval,
        confidence=confidence,
    )


def _papers(runs, interval, confidence):
    """Tables and figures by folder of a study; the folders that can be read; the files that cannot."""
    papers, damaged = {}, []
    for folder in studies_of(runs):
        try:
            papers[folder] = figures_of(folder, runs, interval, confidence)
        except (OSError, ValueError) as error:
            damaged.append(Unreadable(folder / STUDY_FILE, str(error)))
    return {folder: figures for folder, figures in papers.items() if figures}, [*papers], damaged


def _was_transferred(runs):
    return any(run.data_set != run.trained_on for run in runs)


def _configurations(runs: list[ScoredRun]) -> tuple[list[str], dict[str, str]]:
    """Bindings that have several values, and the values of those that all runs share.

    If a run lacks a binding, it did not use that function; macros (no dot) are the values of
    bindings.
    """
    values = collections.defaultdict(collections.Counter)
    for run in runs:
        for name, value in run.config.items():
            if "." in name and not _NO_CONFIGURATION.search(name):
                values[name][unquoted(value)] += 1
    differing = sorted(name for name, found in values.items() if len(found) > 1)
    common = {
        name: next(iter(found))
        for name, found in sorted(values.items())
        if len(found) == 1 and found.total() == len(runs)
    }
    return differing, common


def _table(found, keys, differing, scores):
    rows = []
    for run in found:
        identity = [run.model, run.data_set, run.trained_on, run.provenance, run.representation]
        row = {"run": run.name, **dict(zip(_IDENTITY, identity, strict=True))}
        row |= {name: unquoted(run.config.get(name, "")) for name in differing}
        rows.append(row | {"seed": run.seed} | {name: run.scores.get(name) for name in scores})
    rows.sort(key=lambda row: [_natural(row[name]) for name in (*keys, "seed", "run")])
    # The type object keeps None (not computed) and NaN (computed, but not a number) apart.
    table = pd.DataFrame(rows, dtype=object)[["run", *keys, "seed", *scores]]
    columns = {score: score for score in SUMMED}
    table.insert(table.columns.get_loc("seed") + 1, SUM, add_normalised_sum(table, columns))
    return table


def _natural(text):
    """Sort key that orders numbers by their size: 2 before 10, and 1e-05 before 0.1."""
    try:
        return (0, float(text), "")
    except ValueError:
        parts = re.split(r"(\d+)", text)
        return (1, 0.0, "".join(f"{int(part):012d}" if part.isdigit() else part for part in parts))


def _varied(runs, names):
    """For each data set, the bindings that have several values on it."""
    return {
        data_set: [name for name in names if rows.loc[rows[name] != "", name].nunique() > 1]
        for data_set, rows in runs.groupby("data set", sort=False)
    }


def _differing_settings(runs):
    """Notes metrics that were computed with different settings, since such scores compare badly."""
    values = collections.defaultdict(lambda: collections.defaultdict(set))
    for run in runs:
        for metric, config in run.settings.items():
            for name, value in config.items():
                if "." in name and not name.startswith(("evaluation.", "dataset.")):
                    values[metric, run.data_set][name].add(unquoted(value))
    for (metric, data_set), settings in sorted(values.items()):
        different = [
            f"{name} is {' or '.join(sorted(found, key=_natural))}"
            for name, found in sorted(settings.items())
            if len(found) > 1
        ]
        if different:
            yield f"{metric} on {data_set} was not computed alike: {'; '.join(different)}."


def _repeated_seeds(runs, keys):
    for _, group in runs.groupby(keys, dropna=False, sort=False):
        repeated = group[group["seed"].duplicated(keep=False)]
        if len(repeated) and set(repeated["seed"]) != {"not stated"}:
            names = ", ".join(repeated["run"])
            yield f"Same configuration and seed, counted as if they were independent: {names}."
