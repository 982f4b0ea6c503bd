"""Computes numbers of published evidence again, and compares them with the committed ones.

A check is declared in a section's `section.json`, so that a new section needs no code:

    {"what": "MIG of seed 0",
     "commands": ["bin/study --gin_file=gin/betavae.gin ... --output_dir={out}"],
     "file": "{out}/points/run/metrics/mean/mig/results/json/evaluation_results.json",
     "column": "discrete_mig", "value": 0.0312, "tolerance": 0.005}

    {"what": "mean MIG of beta 4", "file": "runs.csv", "rows": {"vae.beta": "4.0"},
     "column": "mig/discrete_mig", "statistic": "mean", "value": 0.0347, "tolerance": 1e-9}

The commands are those of `bin/`, scripts of `benchmarks/`, or, after `$TFDIS_OLD_PYTHON`, scripts for the
environment of the unmodified disentanglement_lib. `{out}` is an empty folder that is removed afterwards;
without it, `file` is one of the section's own. A csv file gives the numbers in `column` of the rows whose
cells are those of `rows`, and `statistic` (the mean, unless it is said) makes one number of them; a json
file gives the number under the key `column`. `value` may be null until `--record` notes what was found.
"""

import dataclasses
import math
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import tfdis
from tfdis.dlib.old_environment import VARIABLE, old_python
from tfdis.files.json_object import read_object
from tfdis.report.evidence import SECTION_FILE, Section, read_section
from tfdis.report.statistics import STATISTICS, describe

INSIDE, OUTSIDE, FAILED, LEFT_OUT = "inside", "OUTSIDE", "FAILED", "left out"
_ROOT = Path(tfdis.__file__).resolve().parent.parent
_OUT, _LONGEST_SECONDS = "{out}", 600
_NEEDED = ("what", "file", "column", "tolerance")


@dataclasses.dataclass(frozen=True)
class Finding:
    """What became of one check.

    Attributes:
        section: name of the section.
        what: the number that was checked.
        committed: the committed value; NaN if there is none yet.
        found: the value that was computed now; NaN if there is none.
        tolerance: largest difference between them that counts as equal.
        verdict: INSIDE, OUTSIDE, FAILED or LEFT_OUT.
        reason: why it failed or was left out.
    """

    section: str
    what: str
    committed: float = math.nan
    found: float = math.nan
    tolerance: float = math.nan
    verdict: str = FAILED
    reason: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether the committed number is in doubt."""
        return self.verdict in (OUTSIDE, FAILED)


def section_folders(folders: Sequence[str | Path]) -> list[Path]:
    """The sections' folders among some folders and those in them.

    Raises:
        FileNotFoundError: a folder does not exist, or there are no sections.
    """
    found = []
    for folder in map(Path, folders):
        inner = [folder] if (folder / SECTION_FILE).exists() else sorted(folder.glob("*/"))
        if not inner:
            raise FileNotFoundError(
                f"Expected a folder of evidence, with a folder for each section. Received: {folder}, "
                f"which {'has none' if folder.is_dir() else 'does not exist'}."
            )
        found += inner
    return found


def check_section(folder: Path, record: bool = False) -> Iterator[Finding]:
    """Does every check of a section.

    Args:
        folder: path of the section's folder.
        record: whether a value that is null is replaced by what is found.

    Yields:
        What became of each check; of none, for a section that declares none.

    Raises:
        ValueError: the section's file is damaged, or a check of it is no check.
    """
    if not (folder / SECTION_FILE).exists():
        yield Finding(folder.name, "-", verdict=LEFT_OUT, reason=f"no {SECTION_FILE}")
        return
    section = read_section(folder)
    if not section.checks:
        yield Finding(section.name, "-", verdict=LEFT_OUT, reason="declares no check")
    recorded = []
    for check in section.checks:
        finding = _check(section, check)
        recorded.append({**check, "value": finding.found} if _is_new(check, finding) else check)
        yield finding
    if record and recorded != list(section.checks):
        dataclasses.replace(section, checks=recorded).write()


def _is_new(check: Mapping[str, Any], finding: Finding) -> bool:
    return check.get("value") is None and math.isfinite(finding.found)


def _check(section: Section, check: Mapping[str, Any]) -> Finding:
    missing = (
        [name for name in _NEEDED if name not in check] if isinstance(check, dict) else _NEEDED
    )
    if missing:
        raise ValueError(
            f"Expected checks in {section.folder / SECTION_FILE} with {', '.join(_NEEDED)}. Received: one "
            f"without {', '.join(missing)}."
        )
    value = check.get("value")
    committed = math.nan if value is None else float(value)
    tolerance = float(check["tolerance"])
    finding = Finding(section.name, str(check["what"]), committed, tolerance=tolerance)
    try:
        environment = {VARIABLE: old_python()} if _needs_old_python(check) else {}
    except FileNotFoundError as error:
        return dataclasses.replace(finding, verdict=LEFT_OUT, reason=str(error))
    with tempfile.TemporaryDirectory() as out:
        try:
            for command in check.get("commands", ()):
                _run(_words(command, out, environment))
            found = _number(section.folder / str(check["file"]).replace(_OUT, out), check)
        except (OSError, ValueError, LookupError, RuntimeError) as error:
            reason = f"{error}" if not isinstance(error, KeyError) else f"no {error}"
            return dataclasses.replace(finding, reason=" ".join(reason.split()))
    if math.isnan(committed):
        return dataclasses.replace(finding, found=found, verdict=LEFT_OUT, reason="no value yet")
    verdict = INSIDE if abs(found - committed) <= tolerance else OUTSIDE
    return dataclasses.replace(finding, found=found, verdict=verdict)


def _needs_old_python(check):
    return any(command.startswith(f"${VARIABLE}") for command in check.get("commands", ()))


def _words(command: str, out: str, environment: Mapping[str, str]) -> list[str]:
    """The words of a command; the programs of this clone alone are started."""
    words = [word.replace(_OUT, out) for word in shlex.split(command)]
    program, *rest = words
    script = (_ROOT / (rest[0] if rest else "")).resolve()
    is_script = rest and script.is_file() and script.is_relative_to(_ROOT / "benchmarks")
    if program == f"${VARIABLE}" and is_script:
        return [environment[VARIABLE], *rest]
    if program == "python" and is_script:
        return [sys.executable, *rest]
    if program.startswith("bin/") and (_ROOT / "bin" / Path(program).name).is_file():
        return [sys.executable, str(_ROOT / "bin" / Path(program).name), *rest]
    raise ValueError(
        f"Expected a command of bin/, or python or ${VARIABLE} with a script of benchmarks/. Received: "
        f"{command}"
    )


def _run(words: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            words, cwd=_ROOT, capture_output=True, text=True, timeout=_LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"took more than {_LONGEST_SECONDS} s: {shlex.join(words)}") from error
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2]
        raise RuntimeError(f"exit code {done.returncode} of {shlex.join(words[1:])}: {last}")


def _number(path: Path, check: Mapping[str, Any]) -> float:
    """The number that a check asks for, out of a file."""
    column = check["column"]
    if path.suffix == ".json":
        return float(read_object(path)[column])
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name, value in check.get("rows", {}).items():
        table = table[table[name] == str(value)]
    numbers = pd.to_numeric(table[table[column] != ""][column])
    statistic = check.get("statistic", "mean")
    if not len(numbers) or statistic not in STATISTICS:
        raise ValueError(
            f"expected rows with numbers and a statistic of {', '.join(STATISTICS)}, received "
            f"{len(numbers)} rows of {path.name} and {statistic!r}"
        )
    return float(describe(numbers)[statistic])
