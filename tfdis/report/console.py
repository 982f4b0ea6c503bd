"""Small tables that commands print."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from tfdis.report.recheck import Finding

_PUBLISHED = ("group", "score", "published", "mean over seeds", "n", "verdict", "images")


def score_table(
    title: str, variants: Sequence[str], scores: Mapping[str, Sequence[float]]
) -> "Table":
    """Scores of several variants of a run side by side.

    Args:
        title: title of the table.
        variants: headings of the columns.
        scores: values for each variant, by name of score.
    """
    from rich.table import Table

    table = Table("score (disentanglement_lib 1.5)", title=title)
    for variant in variants:
        table.add_column(variant, justify="right")
    for name, values in scores.items():
        table.add_row(name, *(f"{value:.3f}" for value in values))
    return table


def accuracy_table(results: dict) -> str:
    """The accuracy of every factor on the validation part, as text.

    Example:
        >>> scores = {"accuracy/shape": 0.99871, "accuracy": 0.99871}
        >>> print(accuracy_table(scores | {"factor_sizes": {"shape": 6}}))
        factor  values  accuracy
        shape        6    99.87%
        mean              99.87%
    """
    sizes = results["factor_sizes"]
    width = max(map(len, [*sizes, "factor"]))
    rows = [
        f"{name:{width}}  {size:6}  {results[f'accuracy/{name}']:8.2%}"
        for name, size in sizes.items()
    ]
    mean = f"{'mean':{width}}  {'':6}  {results['accuracy']:8.2%}"
    return "\n".join([f"{'factor':{width}}  values  accuracy", *rows, mean])


def published_table(published: "pd.DataFrame") -> "Table":
    """Published numbers with their verdicts.

    Args:
        published: table of `tfdis.report.published.compare`.
    """
    from rich.table import Table

    from tfdis.report.tables import published_rows

    headings, rows = published_rows(published)
    shown = [headings.index(name) for name in _PUBLISHED]
    places = dict.fromkeys(f"{row['paper']}, {row['place']}" for _, row in published.iterrows())
    table = Table(*_PUBLISHED, title="; ".join(places))
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    return table


def finding_table(findings: Sequence["Finding"]) -> "Table":
    """What became of the checks of published evidence.

    Args:
        findings: findings of `tfdis.report.recheck.check_section`.
    """
    from rich.table import Table

    table = Table(title="Numbers computed again")
    table.add_column("section", no_wrap=True)
    table.add_column("what")
    for heading in ("committed", "found", "tolerance", "verdict"):
        table.add_column(heading, justify="right")
    for finding in findings:
        numbers = (finding.committed, finding.found, finding.tolerance)
        cells = ["-" if math.isnan(number) else f"{number:.6g}" for number in numbers]
        table.add_row(finding.section, finding.what, *cells, finding.verdict)
    return table
