"""A section of published evidence: scores of runs as small tables, with what they were made with.

A section is a folder: `section.json` says where its numbers come from and how one of them is checked,
`runs.csv` has a row for each run, `groups.csv` a row for each score of runs that differ in their seed only.
"""

import dataclasses
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole
from tfdis.report.build import Report
from tfdis.report.provenance import differences, provenance
from tfdis.report.statistics import STATISTICS, describe
from tfdis.report.study import made_with, study_of

SECTION_FILE, RUNS_FILE, GROUPS_FILE = "section.json", "runs.csv", "groups.csv"
_TYPES = {"title": str, "made": dict, "commands": list, "images": dict, "checks": list}


@dataclasses.dataclass(frozen=True)
class Section:
    """What `section.json` says.

    Attributes:
        folder: path of the section's folder.
        title: what the section shows, in a few words.
        made: `date`; `tfdis`, `commit`, TensorFlow and other packages with their versions;
            `machine`.
        commands: the commands that made the numbers.
        images: provenance of the images of each data set: "original", "re-rendered", "generated".
        checks: what `bin/report --check` computes again; see `tfdis.report.recheck`.
    """

    folder: Path
    title: str
    made: Mapping[str, str]
    commands: Sequence[str]
    images: Mapping[str, str]
    checks: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        """Name of the section's folder."""
        return self.folder.name

    def mark(self) -> str:
        """One line that says what differs between the section's making and today; "" if nothing does."""
        recorded = {name: value for name, value in self.made.items() if name != "date"}
        found = differences(recorded)
        return f"{self.name}: made with {'; '.join(found)}" if found else ""

    def write(self) -> None:
        """Writes `section.json`."""
        content = dataclasses.asdict(self)
        del content["folder"]
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        write_text_whole(self.folder / SECTION_FILE, text)


def read_section(folder: str | Path) -> Section:
    """Reads a section.

    Raises:
        FileNotFoundError: the folder has no `section.json`.
        ValueError: the file is damaged.
    """
    path = Path(folder) / SECTION_FILE
    try:
        content = read_object(path)
        wrong = [
            name for name, kind in _TYPES.items() if not isinstance(content.get(name, kind()), kind)
        ]
        if wrong or not content.get("title") or not content.get("made"):
            raise ValueError(f"no {wrong[0] if wrong else 'title or made'} of the right kind")
        given = {name: content[name] for name in _TYPES if name in content}
        return Section(Path(folder), **{"commands": [], "images": {}} | given)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"Expected a section of evidence, a folder with {SECTION_FILE}. Received: {folder}. Fix: write "
            f"one by bin/report RUNS --evidence={folder}."
        ) from None
    except ValueError as error:
        raise ValueError(
            f"Expected {path} to describe a section of evidence. Received: a damaged file ({error}). Fix: "
            "take it from git again, or write the section anew by bin/report RUNS --evidence."
        ) from error


def write_section(
    folder: str | Path,
    runs: pd.DataFrame,
    keys: Sequence[str],
    scores: Sequence[str],
    commands: Sequence[str],
    images: Mapping[str, str],
    title: str = "",
    made: Mapping[str, str] | None = None,
) -> Section:
    """Writes or renews a section; its title and checks stay if it was there, as do other files.

    Args:
        folder: path of the section's folder.
        runs: table with one row for each run: the keys, `seed`, the scores, and what else is
            known.
        keys: columns that runs of one group agree in.
        scores: columns of numbers; empty cells are left out.
        commands: the commands that made the numbers.
        images: provenance of the images, by name of data set.
        title: what the section shows; "" keeps the title, or takes the folder's name.
        made: what the runs were made with; None for what is installed.

    Returns:
        The section.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for table, name in ((runs, RUNS_FILE), (groups_of(runs, keys, scores), GROUPS_FILE)):
        write_text_whole(folder / name, table.to_csv(index=False, lineterminator="\n"))
    return _renewed(folder, title, made or provenance(), commands, images)


def describe_section(
    folder: str | Path,
    commands: Sequence[str],
    images: Mapping[str, str],
    title: str = "",
    checks: Sequence[Mapping[str, Any]] = (),
) -> Section:
    """Writes `section.json` beside tables that a command wrote itself; title and checks stay if it was there.

    Args:
        folder: path of the section's folder.
        commands: the commands that made its tables.
        images: provenance of the images, by name of data set.
        title: what the section shows; "" keeps the title, or takes the folder's name.
        checks: checks of a section that has none yet; see `tfdis.report.recheck`.

    Raises:
        FileNotFoundError: there are no tables in the folder.
        ValueError: there is no command.
    """
    folder = Path(folder)
    if not any(path.name != SECTION_FILE for path in folder.glob("*.*")):
        raise FileNotFoundError(
            f"Expected folders of runs, or tables that are in {folder} already. Received: neither."
        )
    if not commands:
        raise ValueError(f"Expected --command, the command that made {folder}. Received: none.")
    return _renewed(folder, title, provenance(), commands, images, checks)


def _renewed(folder, title, made, commands, images, checks=()) -> Section:
    """Writes `section.json`; title and checks stay as they were unless there is another title."""
    before = read_section(folder) if (folder / SECTION_FILE).exists() else None
    section = Section(
        folder,
        title or (before.title if before else folder.name),
        {"date": datetime.date.today().isoformat(), **made},
        list(commands),
        dict(images),
        (before.checks if before else None) or list(checks),
    )
    section.write()
    return section


def groups_of(runs: pd.DataFrame, keys: Sequence[str], scores: Sequence[str]) -> pd.DataFrame:
    """One row for each score of each group: the seeds, and the statistics of `describe`.

    Args:
        runs: table with one row for each run.
        keys: columns that runs of one group agree in.
        scores: columns of numbers; empty cells are left out.

    Example:
        >>> table = pd.DataFrame({"beta": [1, 1, 4], "seed": [0, 1, 0], "mig": [0.1, 0.3, 0.5]})
        >>> groups_of(table, ["beta"], ["mig"])[["beta", "score", "mean", "n", "seeds"]]
           beta score  mean  n seeds
        0     1   mig   0.2  2   0 1
        1     4   mig   0.5  1     0
    """
    rows = []
    groups = runs.groupby(list(keys), dropna=False, sort=False) if len(keys) else [((), runs)]
    for values, group in groups:
        for score in scores:
            present = group[group[score].notna()]
            if len(present):
                row = dict(zip(keys, values, strict=True)) | {"score": score}
                row["seeds"] = " ".join(map(str, present["seed"]))
                rows.append(row | describe(pd.to_numeric(present[score])))
    return pd.DataFrame(rows, columns=[*keys, "score", "seeds", *STATISTICS])


def write_report_section(
    report: Report,
    folder: str | Path,
    roots: Sequence[str | Path],
    commands: Sequence[str],
    title: str,
) -> Section:
    """Writes the runs of a report as a section: the headline scores, and what the runs differ in.

    Args:
        report: report of `build_report`.
        folder: path of the section's folder.
        roots: folders that the report is of; those of studies know their commands.
        commands: the commands that made the runs; empty for those of the studies.
        title: see `write_section`.

    Raises:
        ValueError: no command is given, and none is known; or a file could not be read.
    """
    commands = list(commands) or [c for root in roots for c in study_of(root).get("commands", [])]
    if not commands:
        raise ValueError(
            f"Expected --command, the command that made the runs, since {', '.join(map(str, roots))} "
            "is no folder of bin/study that knows it. Received: none."
        )
    if report.unreadable:
        bad = report.unreadable[0]
        raise ValueError(
            f"Expected evidence of whole files. Received: {bad.path}, which {bad.reason}. Nothing was "
            "written. Fix: score that run again, or remove it."
        )
    columns = ["run", *report.keys, "seed", *report.headlines]
    runs = _without_places(report.runs[columns], roots)
    images = dict(zip(report.runs["data set"], report.runs["provenance"], strict=True))
    made = made_with(report.folders.values())
    options = (runs, report.keys, report.headlines, commands, images, title)
    return write_section(folder, *options, made or None)


def _without_places(runs: pd.DataFrame, roots: Sequence[str | Path]) -> pd.DataFrame:
    """The table with paths below the roots as they are for a reader, who has these folders elsewhere."""
    places = {f"{Path(root).resolve().parent}/": "" for root in roots}
    return runs.replace({re.escape(place): name for place, name in places.items()}, regex=True)
