"""What `bin/report` and `bin/study` print of papers: tables made anew, and published numbers beside them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def print_published(published: "pd.DataFrame") -> None:
    """Prints each published number with what the seeds gave, its verdict, and what was scored elsewhere.

    Nothing, for a paper of figures alone.

    Args:
        published: table of `tfdis.report.published.compare`.
    """
    if not len(published):
        return
    from rich.console import Console

    from tfdis.report.console import published_table

    Console(file=sys.stdout).print(published_table(published))
    for (group, note), _ in published.groupby(["group", "note"], sort=False):
        sys.stdout.write(f"{group}: {note}\n" if note else "")
    sys.stdout.write(
        "inside: the interval beside the mean, in which one more seed would lie, holds the published number\n"
    )


def finish_paper(folder: Path) -> None:
    """Writes the tables and figures of the paper whose study this is, and prints tables and verdicts.

    Nothing, for a study of gin files.

    Args:
        folder: folder of the study.
    """
    from tfdis.registry import STUDIES
    from tfdis.report import challenge
    from tfdis.report.study import POINTS_FOLDER, study_of

    study = study_of(folder).get("study")
    if study not in STUDIES:
        return
    from tfdis.report.build import build_report
    from tfdis.report.paper_figures import figures_of, write_figures
    from tfdis.report.published import published_of

    write_figures(folder, figures_of(folder))
    if not any((folder / POINTS_FOLDER).glob("*/metrics")):
        return
    if study == challenge.STUDY:
        sys.stdout.write(challenge.write_table(folder))
    if published_of([folder]):
        print_published(build_report([folder]).published)
