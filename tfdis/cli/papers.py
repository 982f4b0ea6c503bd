"""What `bin/report` and `bin/study` print of papers: tables made anew, and published numbers beside them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from absl import logging

from tfdis.files.error_text import to_one_line

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


def print_paper(folder: Path, gin_files: Sequence[str], gin_bindings: Sequence[str]) -> None:
    """Writes the tables and figures of the paper whose study this is, and prints tables and verdicts.

    Nothing, for a study of gin files.

    Args:
        folder: folder of the study.
        gin_files: gin files of the study, or of its points.
        gin_bindings: further gin lines.
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
        name = _name_of_method(gin_files, gin_bindings)
        sys.stdout.write(challenge.write_table(folder, name))
    if published_of([folder]):
        print_published(build_report([folder]).published)


def _name_of_method(gin_files: Sequence[str], gin_bindings: Sequence[str]) -> str:
    """The name of the challenge's method; its usual one where a file that says it is no longer there."""
    from tfdis.report.challenge import METHOD
    from tfdis.runs.challenge import read_challenge_config

    try:
        return read_challenge_config(gin_files, gin_bindings).system
    except (OSError, ValueError) as error:
        logging.warning("The table calls the method %r: %s", METHOD, to_one_line(error))
        return METHOD
