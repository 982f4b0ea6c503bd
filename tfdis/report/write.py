"""A report as files: tables as Markdown and CSV, and the page."""

from pathlib import Path

from tfdis.report.build import Report
from tfdis.report.html import write_page
from tfdis.report.markdown import to_markdown

PAGE = "report.html"
FILES = (PAGE, "report.md", "runs.csv", "groups.csv")


def write_report(report: Report, folder: Path, max_megabytes: float) -> None:
    """Writes `FILES`.

    Args:
      report: from `build_report`.
      folder: that exists.
      max_megabytes: see `write_page`.
    """
    write_tables(report, folder)
    write_page(report, folder / PAGE, max_megabytes)


def write_tables(report: Report, folder: Path) -> None:
    """Writes `report.md`, `runs.csv` and `groups.csv`.

    Args:
      report: from `build_report`.
      folder: that exists.
    """
    (folder / "report.md").write_text(to_markdown(report), encoding="utf-8")
    runs = report.runs.copy()
    for score in report.scores:
        runs[score] = [_full(value) for value in runs[score]]
    runs.to_csv(folder / "runs.csv", index=False)
    report.groups.to_csv(folder / "groups.csv", index=False)


def _full(value):
    """All digits; empty if it was not computed, `nan` if it is not a number."""
    return "" if value is None else repr(float(value))
