"""Published numbers of a paper's study beside those of its points, with a verdict for each number.

A study's published numbers are a csv file, the fact `published` of `registry.study`: `paper`, `place` (the
table or figure), `group` (the points' name without `,seed=N`), `note`, and a column for each score,
`<metric>/<score>`, `sum` or `normalised sum`, with numbers as they are printed. A row without numbers says
that the paper has none, but figures.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tfdis import registry
from tfdis.files.json_object import DamagedFileError
from tfdis.report.scores import SUM, SUMMED
from tfdis.report.statistics import new_observation, normalised_sum
from tfdis.report.study import study_of

# Files of the papers whose studies are in tfdis.
FOLDER = Path(__file__).parent / "papers" / "published"
INSIDE, OUTSIDE = "inside", "outside"
NO_SPREAD, NOT_SCORED = "no verdict: fewer than two seeds", "no verdict: not scored"
COLUMNS = (
    *("paper", "place", "group", "score", "published", "n", "mean", "low", "high", "verdict"),
    *("images", "note"),
)
_TEXTS = ("paper", "place", "group", "note")
_PLAIN_SUM = "sum"
_SEED = re.compile(r",seed=\d+$")


def read_published(path: str | Path) -> list[dict[str, str]]:
    """Rows of a file of published numbers, as text.

    Raises:
        DamagedFileError: the file is not there, lacks a column, or has something else than a number.
    """
    path = Path(path)
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError) as error:
        raise DamagedFileError(path, f"cannot be read ({error})") from error
    missing = [name for name in _TEXTS if not rows or name not in rows[0]]
    if missing:
        raise DamagedFileError(path, f"has no column {', '.join(missing)}")
    for row in rows:
        for score, text in _numbers(row):
            try:
                float(text)
            except ValueError as error:
                raise DamagedFileError(path, f"{score} of {row['group']}: {error}") from error
    return rows


def _numbers(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The published numbers of a row, as they are printed, by score."""
    return ((name, text) for name, text in row.items() if name not in _TEXTS and text)


def published_of(roots: Sequence[str | Path]) -> list[dict[str, str]]:
    """Rows of the published numbers of the studies in some folders; none for other folders."""
    names = [name for root in roots if (name := study_of(root).get("study"))]
    files = registry.STUDIES.facts("published") if names else {}
    names = list(dict.fromkeys(names))
    return [row for name in names if name in files for row in read_published(files[name])]


def compare(
    published: Sequence[Mapping[str, str]],
    runs: pd.DataFrame,
    folders: Mapping[str, Path],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """One row for each published number: what the seeds gave, their spread, and a verdict.

    The spread is the interval in which one more seed lies with the given confidence,
    mean +- t_{(1+c)/2, n-1} std sqrt(1 + 1/n), which takes the scores of seeds for normal. A published
    number is inside if it is, or may be before it was rounded, in there.

    Args:
        published: rows of `published_of`.
        runs: table of a report with one row for each run.
        folders: path of each run's folder, by `run`; its name is that of the point.
        confidence: confidence c of the interval, between 0 and 1.
    """
    own = runs[runs["representation"] == "mean"] if "representation" in runs else runs
    names = [_SEED.sub("", folders[run].name) for run in own["run"]]
    own = own.assign(group=names) if len(own) else own.assign(group=pd.Series(dtype=object))
    rows = []
    sums = _normalised_sums(own, [row["group"] for row in published])
    for row in published:
        group = own[own["group"] == row["group"]]
        images = ", ".join(dict.fromkeys(group["provenance"])) if len(group) else ""
        for score, text in _numbers(row):
            values = sums.get(row["group"], []) if score == SUM else _values(group, score)
            found = _verdict(text, np.asarray(values, float), confidence)
            rows.append({**row, "score": score, "published": text, "images": images, **found})
    return pd.DataFrame(rows, columns=COLUMNS)


def without_numbers(published: Sequence[Mapping[str, str]]) -> list[str]:
    """What a reader has to know of papers that have no numbers."""
    rows = [row for row in published if not any(True for _ in _numbers(row))]
    return [
        f"{row['paper']}: {row['place']} has {row['note']}, so that no number is compared."
        for row in rows
    ]


def _values(group: pd.DataFrame, score: str) -> pd.Series:
    """A score of each seed; `sum` is that of the five scores of the challenge."""
    if score == _PLAIN_SUM:
        columns = group.reindex(columns=list(SUMMED))
        return columns.apply(pd.to_numeric).sum(axis=1, skipna=False)
    return pd.to_numeric(group[score]) if score in group else pd.Series(dtype=float)


def _normalised_sums(runs: pd.DataFrame, groups: Sequence[str]) -> dict[str, list[float]]:
    """The normalised sums of each group, one for each seed that all groups have."""
    found: dict[str, list[float]] = {}
    for _, rows in runs.groupby("seed", sort=False):
        table = rows.drop_duplicates("group").set_index("group")
        if {*groups} <= {*table.index}:
            for group, value in normalised_sum(table.loc[list(dict.fromkeys(groups))]).items():
                found.setdefault(group, []).append(value)
    return found


def _verdict(text: str, values: np.ndarray, confidence: float) -> dict:
    kept = values[np.isfinite(values)]
    found = {"n": len(kept), "mean": np.nan, "low": np.nan, "high": np.nan}
    if not len(kept):
        return found | {"verdict": NOT_SCORED}
    found["mean"] = float(kept.mean())
    if len(kept) < 2:
        return found | {"verdict": NO_SPREAD}
    found["low"], found["high"] = new_observation(kept, confidence)
    rounding = 0.5 * 10.0 ** -len(text.partition(".")[2])
    number = float(text)
    is_inside = found["low"] - rounding <= number <= found["high"] + rounding
    return found | {"verdict": INSIDE if is_inside else OUTSIDE}
