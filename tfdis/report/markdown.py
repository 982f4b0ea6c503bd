"""A report as a Markdown document."""

import itertools
from collections.abc import Iterable, Sequence

from tfdis.report.build import Report
from tfdis.report.tables import (
    configuration_headings,
    explanations,
    further_tables,
    group_rows,
    paper_table,
    run_rows,
    summary,
)

_PUNCTUATION = str.maketrans({"|": "\\|", "<": "&lt;", "\n": " ", "\r": " ", "`": "\\`"})


def to_markdown(report: Report) -> str:
    """The report as a Markdown document."""
    lines = ["# Scores", "", *_summary(report), ""]
    for figure in itertools.chain(*report.papers.values()):
        headings, num_names, rows = paper_table(figure)
        lines += [f"## {_escaped(figure.title)}", "", _escaped(figure.caption), ""]
        lines += [*markdown_table(headings, rows, num_names), ""]
    lines += ["## Groups", ""]
    num_left = len(configuration_headings(report))
    lines += markdown_table(*group_rows(report), num_left)
    for name, headings, num_names, rows in further_tables(report):
        lines += ["", f"## {name}", "", *markdown_table(headings, rows, num_names)]
    lines += ["", "## Runs", "", *markdown_table(*run_rows(report), num_left + 1), ""]
    lines += ["## How to read this", ""]
    for paragraph in explanations(report):
        lines += [_escaped(paragraph), ""]
    if report.common:
        lines += ["## The same in all runs", ""]
        lines += [f"- `{name} = {value}`" for name, value in report.common.items()]
    return "\n".join(lines).rstrip() + "\n"


def _summary(report):
    lines = [summary(report) + "."]
    if report.unreadable:
        lines += ["", f"**Unreadable, left out ({len(report.unreadable)}):**", ""]
        lines += [f"- `{found.path}`: {_escaped(found.reason)}" for found in report.unreadable]
    if report.notes:
        lines += ["", "**Notes:**", "", *(f"- {_escaped(note)}" for note in report.notes)]
    return lines


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence], num_left: int) -> list[str]:
    """Lines of a table; its first `num_left` columns are names, to the left, the others numbers."""
    alignment = ["---"] * num_left + ["---:"] * (len(headings) - num_left)
    lines = [headings, alignment, *rows]
    return ["| " + " | ".join(map(_escaped, cells)) + " |" for cells in lines]


def _escaped(text):
    return str(text).translate(_PUNCTUATION)
