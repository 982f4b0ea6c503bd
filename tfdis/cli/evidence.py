"""Options of `bin/report` that write sections of published evidence, and compute numbers of them again."""

import math
import sys
from collections.abc import Sequence

from absl import flags, logging

FLAGS = flags.FLAGS
_SOME_OUTSIDE = 1
_ORIGINS = ("original", "re-rendered", "generated")


def define_evidence_flags() -> None:
    """Defines `--evidence`, `--title`, `--command`, `--images`, `--check` and `--record`."""
    flags.DEFINE_string(
        "evidence", None, "Write the runs as a section of evidence to this folder, and no report."
    )
    flags.DEFINE_string("title", "", "What the section shows.")
    flags.DEFINE_multi_string(
        "command", [], "A command that made the runs; those of bin/study are known."
    )
    flags.DEFINE_list(
        "images",
        [],
        "NAME=ORIGIN of data sets; an origin is original, re-rendered or generated. Those of runs are known.",
    )
    flags.DEFINE_boolean(
        "check", False, "Compute numbers of sections of evidence again; exit code 1 if one differs."
    )
    flags.DEFINE_boolean("record", False, "With --check: note what is found where no value is yet.")


def write_evidence(roots: Sequence[str]) -> int:
    """Writes the section of `--evidence`: of the runs below some folders or, without any, of its own tables."""
    from tfdis.report.build import build_report
    from tfdis.report.evidence import describe_section, write_report_section

    if roots:
        report = build_report(roots, FLAGS.interval, FLAGS.confidence)
        section = write_report_section(report, FLAGS.evidence, roots, FLAGS.command, FLAGS.title)
    else:
        section = describe_section(FLAGS.evidence, FLAGS.command, _images(), FLAGS.title)
    logging.info("Wrote %s.", section.folder)
    if not section.checks:
        logging.warning("%s declares no check yet: docs/evidence.md.", section.folder)
    return 0


def _images() -> dict[str, str]:
    """The data sets of `--images`."""
    pairs = [text.partition("=") for text in FLAGS.images]
    wrong = [name for name, _, origin in pairs if origin not in _ORIGINS]
    if wrong:
        raise ValueError(
            f"Expected --images=NAME=ORIGIN with an origin of {', '.join(_ORIGINS)}. Received: "
            f"{','.join(FLAGS.images)}."
        )
    return {name: origin for name, _, origin in pairs}


def check_evidence(folders: Sequence[str]) -> int:
    """Does the checks of sections, prints a table, and returns the exit code."""
    from rich.console import Console

    from tfdis.report.console import finding_table
    from tfdis.report.evidence import SECTION_FILE, read_section
    from tfdis.report.recheck import check_section, section_folders

    findings, marks = [], []
    for folder in section_folders(folders):
        logging.info("Checking %s.", folder)
        findings += check_section(folder, FLAGS.record)
        if (folder / SECTION_FILE).exists() and (mark := read_section(folder).mark()):
            marks.append(mark)
    Console(file=sys.stdout).print(finding_table(findings))
    lines = [*marks, *(f"{f.section}: {f.verdict}: {f.reason}" for f in findings if f.reason)]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    checked = sum(math.isfinite(finding.found) for finding in findings)
    if not checked:
        logging.warning("No number was computed again.")
    return _SOME_OUTSIDE if any(finding.is_bad for finding in findings) else 0
