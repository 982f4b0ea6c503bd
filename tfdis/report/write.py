"""A report as files: tables as Markdown and CSV, and the page."""

import re
from pathlib import Path

from tfdis.report.build import Report
from tfdis.report.html import write_page
from tfdis.report.markdown import to_markdown

PAGE = "report.html"
_HARMLESS = re.compile(
    r"([+-]?(\d+\.?\d*|\.\d+|inf|nan)(e[+-]?\d+)?|@[\w./]+(\(\))?)?$", re.IGNORECASE
)
FILES = (
    PAGE,
    "report.md",
    "runs.csv",
    "groups.csv",
    "methods.csv",
    "correlations.csv",
    "published.csv",
)


def write_report(report: Report, folder: Path, max_megabytes: float) -> None:
    """Writes the files named in `FILES`.

    Args:
        report: report of `build_report`.
        folder: path of an existing folder.
        max_megabytes: the most megabytes of pictures; see `write_page`.
    """
    write_tables(report, folder)
    write_page(report, folder / PAGE, max_megabytes)


def write_tables(report: Report, folder: Path) -> None:
    """Writes `report.md`, `runs.csv`, `groups.csv`, and the further tables of `FILES` that have rows.

    Args:
        report: report of `build_report`.
        folder: path of an existing folder.
    """
    (folder / "report.md").write_text(to_markdown(report), encoding="utf-8")
    runs = report.runs.copy()
    for score in report.scores:
        runs[score] = [_full(value) for value in runs[score]]
    tables = [(runs, "runs.csv"), (report.groups, "groups.csv")]
    further = [(report.methods, "methods.csv"), (report.correlations, "correlations.csv")]
    further.append((report.published, "published.csv"))
    for table, name in tables + [pair for pair in further if len(pair[0])]:
        table.map(without_formula).to_csv(folder / name, index=False)


def without_formula(cell: object) -> object:
    """A table's cell that no spreadsheet takes for a formula; a quote precedes what may be one.

    Numbers and gin's references stay as they are.

    Example:
        >>> [without_formula(cell) for cell in ("=cmd|' /C calc'!A0", "-1.5", "@conv_encoder", 2.0)]
        ["'=cmd|' /C calc'!A0", '-1.5', '@conv_encoder', 2.0]
    """
    is_formula = (
        isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") and not _HARMLESS.match(cell)
    )
    return f"'{cell}" if is_formula else cell


def _full(value):
    """A number with all digits; empty if it was not computed, `nan` if it is not a number."""
    return "" if value is None else repr(float(value))
