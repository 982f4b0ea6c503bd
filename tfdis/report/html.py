"""A report as one HTML page that needs no other file and no network."""

import math
from html import escape
from pathlib import Path

from tqdm import tqdm

from tfdis.plots.finished_run import SCORES
from tfdis.report.build import Report
from tfdis.report.pictures import Album, log_path
from tfdis.report.scores import SUM, SUMMED
from tfdis.report.statistics import COMPARABLE
from tfdis.report.style import POLICY, SCRIPT, STYLE
from tfdis.report.tables import (
    SETTINGS,
    configuration_headings,
    explanations,
    group_rows,
    records,
    run_rows,
    settings,
    summary,
)

PAGE = "report.html"
# As many settings are shown unfolded.
_SHOWN = 2
# Longest text that stays on one line, in characters.
_NOT_BROKEN = 32
# Higher is better, so the best of a column can be told.
_BOLD = {SUM, "dci/completeness", "dci/informativeness_test", "beta_vae/eval_accuracy", *SUMMED}


def write_page(report: Report, path: str | Path, max_megabytes: float = 40.0) -> None:
    """Writes the page: groups, runs (both sort at a click), pictures of every run.

    Args:
      report: from `tfdis.report.build.build_report`.
      path: file to write.
      max_megabytes: of all pictures' files together; 0 for a page without pictures.
    """
    album = Album(int(max_megabytes * 1e6))
    pictures = _pictures(report, album) if max_megabytes else ""
    notes = [*report.notes, *album.notes]
    if album.num_left_out:
        notes.append(
            f"{album.num_left_out} pictures are left out, as they would make the page larger than "
            f"{max_megabytes:g} MB: --max_megabytes."
        )
    body = [
        "<h1>Scores</h1>",
        f'<p class="muted">{escape(summary(report))}</p>',
        _warning(
            "Unreadable, left out", [f"{bad.path}: {bad.reason}" for bad in report.unreadable]
        ),
        _warning("Notes", notes),
        "<h2>Groups: the same but for the seed</h2>",
        _groups(report),
        "<h2>Runs</h2>",
        _runs(report),
        pictures,
        "<h2>How to read this</h2>",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in explanations(report)),
        _common(report),
    ]
    Path(path).write_text(_page("\n".join(filter(None, body))), encoding="utf-8")


def _page(body):
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Scores</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _warning(heading, items):
    if not items:
        return ""
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<div class="warning"><strong>{heading} ({len(items)})</strong><ul>{listed}</ul></div>'


def _table(headings, num_left, rows):
    """Rows of cells of `_cell`; the first `num_left` columns and the seeds are text."""
    cells = "".join(
        f'<th scope="col"{"" if index in num_left else _NUMBER}>{escape(heading)}</th>'
        for index, heading in enumerate(headings)
    )
    lines = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        '<div class="scroll" tabindex="0"><table class="sortable">\n'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div>"
    )


_NUMBER = ' class="number"'


def _text(cell):
    kind = "short" if len(cell) <= _NOT_BROKEN else "long"
    return f'<td class="name {kind}" data-value="{escape(cell)}">{escape(cell)}</td>'


def _names(report, row, cells, names):
    """What a row is; many settings are folded up."""
    listed = settings(report, row)
    for cell, name in zip(cells, names, strict=False):
        if name != SETTINGS or len(listed) <= _SHOWN:
            yield _text(cell)
            continue
        items = "".join(f"<li>{escape(item)}</li>" for item in listed)
        yield (
            f'<td class="settings" data-value="{escape(cell)}"><details>'
            f"<summary>{len(listed)} settings</summary><ul>{items}</ul></details></td>"
        )


def _number(cell, value, is_best=False):
    """A score: what belongs to the mean stands below it in small print."""
    known = value is not None and math.isfinite(value)
    main, _, details = cell.partition(" ")
    details = f"<small>{escape(details)}</small>" if details else ""
    kind = "number best" if is_best else "number"
    return (
        f'<td class="{kind}" data-value="{float(value)!r}">{escape(main)}{details}</td>'
        if known
        else f'<td class="{kind}" data-value="">{escape(cell)}</td>'
    )


def _groups(report):
    headings, rows = group_rows(report)
    names = configuration_headings(report)
    num_names = len(names)
    columns = [SUM, *(f"{score}/mean" for score in report.headlines)]
    best = {
        column: report.groups.groupby(COMPARABLE, dropna=False)[column].transform("max")
        for column, score in zip(columns, [SUM, *report.headlines], strict=True)
        if score in _BOLD
    }
    table = []
    for index, (group, cells) in enumerate(zip(records(report.groups), rows, strict=True)):
        row = list(_names(report, group, cells, names))
        row.append(_number(cells[num_names], group["runs"]))
        row.append(_text(cells[num_names + 1]))
        for column, cell in zip(columns, cells[num_names + 2 :], strict=False):
            is_best = column in best and group[column] == best[column].iloc[index]
            row.append(_number(cell, group[column], is_best))
        table.append([*row, _text(cells[-1])])
    return _table(headings, {*range(num_names), num_names + 1, len(headings) - 1}, table)


def _runs(report):
    headings, rows = run_rows(report)
    names = ["run", *configuration_headings(report), "seed"]
    columns = [SUM, *report.headlines]
    table = []
    for run, cells in zip(records(report.runs), rows, strict=True):
        row = list(_names(report, run, cells, names))
        scores = zip(cells[len(names) :], columns, strict=True)
        table.append([*row, *(_number(cell, run[column]) for cell, column in scores)])
    return _table(headings, set(range(len(names))), table)


def _pictures(report, album):
    names = list(dict.fromkeys(report.runs["run"]))
    logs = {name: log_path(report.folders[name], SCORES) for name in names}
    parts = [_figures("all runs", album.of_all({name: log for name, log in logs.items() if log}))]
    for name in tqdm(names, "pictures", unit="run"):
        parts.append(_details(name, album.of_run(report.folders[name])))
    parts = [part for part in parts if part]
    return "\n".join(["<h2>Pictures</h2>", *parts]) if parts else ""


def _details(name, pictures):
    if not pictures:
        return ""
    captions = escape(", ".join(picture.caption for picture in pictures))
    return (
        f'<details><summary>{escape(name)} <span class="muted">{captions}</span></summary>'
        f"{_figures(name, pictures)}</details>"
    )


def _figures(name, pictures):
    return "".join(
        f'<figure><img src="{picture.uri}" loading="lazy" alt="{escape(f"{picture.caption} of {name}")}">'
        f"<figcaption>{escape(f'{picture.caption}: {name}')}</figcaption></figure>"
        for picture in pictures
    )


def _common(report):
    if not report.common:
        return ""
    items = "".join(
        f"<li><code>{escape(name)} = {escape(value)}</code></li>"
        for name, value in report.common.items()
    )
    return f"<details><summary>The same in all runs ({len(report.common)})</summary><ul>{items}</ul></details>"
