"""What `bin/report` and `bin/study` print of a paper's published numbers."""

import sys
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
