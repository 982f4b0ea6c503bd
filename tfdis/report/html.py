"""A report as one HTML page that needs no other file and no network."""

import dataclasses
import itertools
import math
from pathlib import Path

import jinja2
from tqdm import tqdm

from tfdis.plots.score_curves import SCORES
from tfdis.report.build import Report
from tfdis.report.pictures import Album, log_path
from tfdis.report.scores import SUM, has_best
from tfdis.report.statistics import COMPARABLE
from tfdis.report.tables import (
    SETTINGS,
    configuration_headings,
    explanations,
    further_tables,
    group_rows,
    paper_table,
    records,
    run_rows,
    settings,
    summary,
)

# The most settings that are shown unfolded.
_SHOWN = 2
# Longest text that stays on one line, in characters.
_NOT_BROKEN = 32


@dataclasses.dataclass(frozen=True)
class _Cell:
    """A cell: its text, its sort key, its classes, its small print, and a list to unfold."""

    text: str
    value: str
    kind: str
    details: str = ""
    items: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Column:
    """A column; one without results is shown only if it differs between rows."""

    heading: str
    cells: list[_Cell]
    is_number: bool = False
    is_result: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether the column tells rows apart, or holds a result."""
        texts = {cell.text for cell in self.cells}
        return texts != {""} if self.is_result else len(texts) > 1


@dataclasses.dataclass(frozen=True)
class _Table:
    """A table that shows what differs, and (heading, text) of what all rows share."""

    columns: list[_Column]

    @property
    def shown(self) -> list[_Column]:
        return [column for column in self.columns if column.is_shown]

    @property
    def same(self) -> list[tuple[str, str]]:
        return [
            (column.heading, column.cells[0].text or "none")
            for column in self.columns
            if not column.is_shown
        ]

    @property
    def rows(self) -> list[tuple[_Cell, ...]]:
        return list(zip(*(column.cells for column in self.shown), strict=True))


def write_page(report: Report, path: str | Path, max_megabytes: float = 40.0) -> None:
    """Writes the page: groups and runs (click to sort), pictures of all runs and of each.

    Args:
        report: report of `tfdis.report.build.build_report`.
        path: path of the file to write.
        max_megabytes: the most megabytes of all pictures' files together; 0 for a page without
            pictures.
    """
    album = Album(int(max_megabytes * 1e6))
    papers = [_of_paper(figure, album) for figure in itertools.chain(*report.papers.values())]
    pictures = _pictures(report, album)
    notes = [*report.notes, *album.notes]
    if album.num_left_out:
        notes.append(
            f"{album.num_left_out} pictures are left out, as they would make the page larger than "
            f"{max_megabytes:g} MB: --max_megabytes."
        )
    page = _template().render(
        summary=summary(report),
        unreadable=[f"{bad.path}: {bad.reason}" for bad in report.unreadable],
        notes=notes,
        papers=papers,
        groups=_groups(report),
        runs=_runs(report),
        further=[(name, _plain(*table)) for name, *table in further_tables(report)],
        **pictures,
        confidence=f"{report.confidence:.0%}",
        explanations=explanations(report),
        common=report.common,
    )
    Path(path).write_text(page, encoding="utf-8")


def _template():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _groups(report):
    headings, rows = group_rows(report)
    texts = [list(cells) for cells in zip(*rows, strict=True)]
    columns = _configuration(report, records(report.groups), texts)
    of_runs, of_seeds, *of_scores, of_best = texts[len(columns) :]
    columns.append(
        _Column("runs", list(map(_number, of_runs, report.groups["runs"])), is_number=True)
    )
    columns.append(_Column("seeds", list(map(_text, of_seeds))))
    names = [SUM, *report.headlines]
    for name, heading, cells in zip(names, headings[len(columns) : -1], of_scores, strict=True):
        columns.append(_means(report.groups, name, heading, cells))
    return _Table([*columns, _Column(headings[-1], list(map(_text, of_best)), is_result=True)])


def _means(groups, name, heading, texts):
    """The means of a score; the best among comparable groups stand out."""
    column = name if name == SUM else f"{name}/mean"
    values = groups[column]
    is_best = [False] * len(values)
    if has_best(name):
        is_best = values == groups.groupby(COMPARABLE, dropna=False)[column].transform("max")
    cells = list(map(_number, texts, values, is_best))
    return _Column(heading, cells, is_number=True, is_result=True)


def _runs(report):
    headings, rows = run_rows(report)
    of_names, *texts = [list(cells) for cells in zip(*rows, strict=True)]
    columns = [_Column("run", list(map(_text, of_names)), is_result=True)]
    columns += _configuration(report, records(report.runs), texts)
    of_seeds, *of_scores = texts[len(columns) - 1 :]
    columns.append(_Column("seed", list(map(_text, of_seeds))))
    names = [SUM, *report.headlines]
    for name, heading, cells in zip(names, headings[len(columns) :], of_scores, strict=True):
        numbers = list(map(_number, cells, report.runs[name]))
        columns.append(_Column(heading, numbers, is_number=True, is_result=True))
    return _Table(columns)


def _plain(headings, num_left, rows):
    """A table whose first columns are names, and the others numbers."""
    columns = []
    for place, (heading, cells) in enumerate(zip(headings, zip(*rows, strict=True), strict=True)):
        kind = _text if place < num_left else _figure
        columns.append(
            _Column(heading, list(map(kind, cells)), place >= num_left, place >= num_left)
        )
    return _Table(columns)


def _of_paper(figure, album):
    pictures = album.of_paper(figure) if album.max_bytes else []
    return figure.title, figure.caption, pictures, _plain(*paper_table(figure))


def _figure(text):
    main, _, details = text.partition(" ")
    return _Cell(main, main, "number", details)


def _configuration(report, rows, texts):
    """Columns that describe a row; many settings are folded up."""
    columns = []
    for name, cells in zip(configuration_headings(report), texts, strict=False):
        if name == SETTINGS:
            found = [
                _settings(cell, settings(report, row))
                for cell, row in zip(cells, rows, strict=True)
            ]
        else:
            found = list(map(_text, cells))
        columns.append(_Column(name, found))
    return columns


def _settings(text, items):
    return (
        _text(text) if len(items) <= _SHOWN else _Cell(text, text, "settings", items=tuple(items))
    )


def _text(text):
    return _Cell(text, text, f"name {'short' if len(text) <= _NOT_BROKEN else 'long'}")


def _number(text, value, is_best=False):
    """A score; what belongs to the mean stands below it in small print."""
    kind = "number best" if is_best else "number"
    if value is None or not math.isfinite(value):
        return _Cell(text, "", kind)
    main, _, details = text.partition(" ")
    # Breaks lines between deviation, interval and remark only.
    details = details.replace("± ", "±\u00a0").replace(", ", ",\u00a0")
    return _Cell(main, repr(float(value)), kind, details)


def _pictures(report, album):
    """The page's pictures and their headings: of all groups, of all runs, of each run that has any."""
    if not album.max_bytes:
        return {"over_seeds": [], "all_runs": [], "by_run": {}}
    names = list(dict.fromkeys(report.runs["run"]))
    logs = {name: log_path(report.folders[name], SCORES) for name in names}
    over_seeds = album.of_groups(report)
    all_runs = album.of_all({name: log for name, log in logs.items() if log})
    by_run = {
        name: album.of_run(report.folders[name]) for name in tqdm(names, "pictures", unit="run")
    }
    return {
        "over_seeds": over_seeds,
        "all_runs": all_runs,
        "by_run": {name: found for name, found in by_run.items() if found},
    }
