"""Tables and figures of a paper, made again of the runs of its study: at its end, and at any time before."""

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from absl import logging

from tfdis.files.whole import write_text_whole, written_whole
from tfdis.plots.figure import to_png
from tfdis.plots.seed_scores import SeedScores
from tfdis.registry import FIGURES
from tfdis.report.runs import ScoredRun, collect_runs
from tfdis.report.statistics import describe
from tfdis.report.study import POINTS_FOLDER, STUDY_FILE, read_study

FIGURES_FOLDER = "figures"


@dataclasses.dataclass(frozen=True)
class PaperFigure:
    """One table or figure.

    Attributes:
        name: name of its files, without their endings.
        title: title, which names the table or figure of the paper.
        caption: what it shows, and in what it differs from the paper's.
        table: its numbers; statistics of a score over seeds are columns `<score>/<statistic>`, as in
            groups.csv.
        keys: columns of the table that are no numbers, its first ones.
        draw: function of a path and a title that draws it as a PNG file; None for a table alone.
    """

    name: str
    title: str
    caption: str
    table: pd.DataFrame
    keys: Sequence[str] = ()
    draw: Callable[[Path, str], Any] | None = None

    @functools.cached_property
    def png(self) -> bytes | None:
        """The picture's file; None for a table alone."""
        return to_png(lambda path: self.draw(path, self.title)) if self.draw else None


def studies_of(runs: Iterable[ScoredRun]) -> list[Path]:
    """Folders of the studies whose points runs are."""
    parents = dict.fromkeys(run.folder.parent for run in runs)
    folders = [folder.parent for folder in parents if folder.name == POINTS_FOLDER]
    return [folder for folder in folders if (folder / STUDY_FILE).is_file()]


def figures_of(
    folder: Path,
    runs: Sequence[ScoredRun] | None = None,
    interval: str = "t",
    confidence: float = 0.95,
) -> list[PaperFigure]:
    """The tables and figures of a study's paper, with the points that are scored so far.

    Args:
        folder: folder of the study.
        runs: all runs below it, or more; None reads them.
        interval: "t" (Student) or "bootstrap"; see `describe`.
        confidence: confidence level of the interval, between 0 and 1.

    Returns:
        Nothing for a study without figures of its own, or without scores.

    Raises:
        OSError, ValueError: the study's list of points cannot be read.
    """
    name, points = read_study(folder)
    if name not in FIGURES:
        return []
    if runs is None:
        try:
            runs, *_ = collect_runs([folder / POINTS_FOLDER])
        except (FileNotFoundError, ValueError):
            return []
    scored = [run for run in runs if run.folder.parent == folder / POINTS_FOLDER and run.scores]
    scored = [run for run in scored if run.trained_on == run.data_set]
    if not scored:
        return []
    statistics = functools.partial(describe, interval=interval, confidence=confidence)
    found = list(FIGURES[name](scored, statistics))
    num_missing = sum(not is_scored for is_scored in points.values())
    if not num_missing:
        return found
    missing = f"{num_missing} of {len(points)} points are missing"
    return [
        dataclasses.replace(
            figure,
            title=f"{figure.title} ({missing})",
            caption=f"{missing}: not trained or not scored yet. {figure.caption}",
        )
        for figure in found
    ]


def write_figures(folder: Path, figures: Iterable[PaperFigure]) -> None:
    """Writes `figures/<name>.csv` and, of those that are drawn, `figures/<name>.png` into a study's folder.

    Args:
        folder: folder of the study.
        figures: what `figures_of` returned.

    Raises:
        OSError: a file cannot be written.
    """
    place = folder / FIGURES_FOLDER
    for figure in figures:
        place.mkdir(exist_ok=True)
        table = figure.table.to_csv(index=False)
        write_text_whole(place / f"{figure.name}.csv", table)
        if figure.png:
            with written_whole(place / f"{figure.name}.png", overwrite=True) as partial:
                Path(partial).write_bytes(figure.png)
        logging.info("Wrote %s: %s.", place / figure.name, figure.title)


def groups_of(
    runs: Iterable[ScoredRun], *keys: Callable[[ScoredRun], Any]
) -> dict[tuple, list[ScoredRun]]:
    """Runs by the values of functions of a run, in the order of these values."""
    groups: dict[tuple, list[ScoredRun]] = {}
    for run in runs:
        groups.setdefault(tuple(key(run) for key in keys), []).append(run)
    return dict(sorted(groups.items()))


def statistics_table(
    groups: Mapping[tuple, Sequence[ScoredRun]],
    names: Sequence[str],
    scores: Iterable[str],
    describe: Callable[[Sequence[float]], Mapping[str, float]],
) -> pd.DataFrame:
    """One row for each group: its keys, its number of runs, and the statistics of its scores.

    Args:
        groups: what `groups_of` returned.
        names: names of the keys.
        scores: names of scores.
        describe: function of several scores that returns their statistics.
    """
    rows = []
    for key, runs in groups.items():
        row = dict(zip(names, key, strict=True)) | {"runs": len(runs)}
        for score in scores:
            found = describe(values_of(runs, score))
            row |= {f"{score}/{name}": value for name, value in found.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def values_of(runs: Iterable[ScoredRun], score: str) -> list[float]:
    """The values of a score, of the runs that have it."""
    return [run.scores[score] for run in runs if score in run.scores]


def panel_of(
    groups: Mapping[tuple, Sequence[ScoredRun]],
    score: str,
    describe: Callable[[Sequence[float]], Mapping[str, float]],
    name: Callable[..., str] = str,
) -> dict[str, dict[Any, SeedScores]]:
    """A score of groups as pictures have it: by name of a line, then by the last key.

    Args:
        groups: what `groups_of` returned; groups without the score are left out.
        score: name of the score.
        describe: function of several scores that returns their statistics.
        name: function of a group's keys but the last that names its line.
    """
    panel: dict[str, dict[Any, SeedScores]] = {}
    for (*key, place), runs in groups.items():
        values = values_of(runs, score)
        if values:
            panel.setdefault(name(*key), {})[place] = seed_scores(values, describe)
    return panel


def seed_scores(
    values: Sequence[float], describe: Callable[[Sequence[float]], Mapping[str, float]]
) -> SeedScores:
    """The scores of the runs of one group, with their statistics, as pictures have them."""
    found = describe(values)
    return SeedScores(values, found["mean"], found["low"], found["high"])
