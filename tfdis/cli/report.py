"""Compares runs: tables as Markdown and CSV, and one HTML page that holds its pictures.

bin/report runs
bin/report runs/a runs/b old_dlib_runs --output_dir=report --interval=bootstrap --overwrite

bin/report runs/study --evidence=docs/evidence/NAME --title="What it shows"
bin/report --check docs/evidence

Each argument is a run or a folder with runs below it: of bin/train with bin/evaluate, of
dlib_reproduce, or of disentanglement_lib itself. Writes report.html, report.md, runs.csv and
groups.csv. Of the study of a paper, the paper's tables and figures are made too, and written into the folder
figures of the study, and a verdict for each published number is printed, and written as published.csv. Runs
that differ in the seed only are a group: mean, standard deviation, confidence interval.
A file that cannot be read is named in a warning and in the report, and the rest is reported.

--evidence writes the scores as a section of published evidence instead: small tables, with versions, commands
and the origin of the images. --check computes declared numbers of such sections again, and prints a verdict.

Exit code: 0; 2 if the report was written but something could not be read; 1 if nothing was written, or a
number of --check is outside its tolerance.
"""

import os
from pathlib import Path

from absl import flags, logging

from tfdis.cli.evidence import check_evidence, define_evidence_flags, write_evidence
from tfdis.cli.papers import print_published
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_SOME_UNREADABLE = 2


def define_flags() -> None:
    """Defines the command's flags."""
    flags.DEFINE_string("output_dir", "report", "Folder to write.")
    flags.DEFINE_enum(
        "interval",
        "t",
        ["t", "bootstrap"],
        "Confidence interval of the mean over seeds: Student's t, or quantiles of 10,000 resamples of "
        "the seeds.",
    )
    flags.DEFINE_float("confidence", 0.95, "Confidence level of the interval, between 0 and 1.")
    flags.DEFINE_string(
        "best_by",
        None,
        "Score that chooses the best run of a group; by default the normalised sum.",
    )
    flags.DEFINE_float(
        "max_megabytes",
        40.0,
        "The most megabytes of all pictures in the page; 0 leaves them out.",
        lower_bound=0.0,
    )
    flags.DEFINE_boolean("overwrite", False, "Replace a report that is there.")
    define_evidence_flags()


def _main(arguments: list[str]) -> int:
    from tfdis.files.whole import check_vacant, written_whole
    from tfdis.report.build import build_report

    if len(arguments) < 2 and not FLAGS.evidence:
        raise ValueError("Expected folders of runs: bin/report RUNS... Received none.")
    if FLAGS.check:
        return check_evidence(arguments[1:])
    if FLAGS.evidence:
        return write_evidence(arguments[1:])
    check_vacant(FLAGS.output_dir, FLAGS.overwrite)
    _check_is_report(Path(FLAGS.output_dir))
    report = build_report(arguments[1:], FLAGS.interval, FLAGS.confidence, FLAGS.best_by)
    for bad in report.unreadable:
        logging.warning("%s cannot be read and is left out: %s", bad.path, bad.reason)
    from tfdis.report.paper_figures import write_figures
    from tfdis.report.write import PAGE, write_report

    with written_whole(FLAGS.output_dir, FLAGS.overwrite) as partial:
        os.mkdir(partial)
        write_report(report, Path(partial), FLAGS.max_megabytes)
    for folder, figures in report.papers.items():
        try:
            write_figures(folder, figures)
        except OSError as error:
            logging.warning("The paper's figures are in the report only: %s", error)
    logging.info("Wrote %s.", os.path.join(FLAGS.output_dir, PAGE))
    if len(report.published):
        print_published(report.published)
    return _SOME_UNREADABLE if report.unreadable else 0


def _check_is_report(folder):
    """Refuses to replace a folder that is no report, which --overwrite would delete."""
    if not os.path.lexists(folder):
        return
    from tfdis.report.write import FILES

    if not folder.is_dir() or {entry.name for entry in folder.iterdir()} - {*FILES}:
        raise FileExistsError(
            f"--overwrite only replaces reports, and {folder} has something else, or is a file. "
            "Nothing was changed; choose another --output_dir."
        )


def main() -> None:
    """Entry point of `bin/report` and `tfdis_report`."""
    run_main(_main, define_flags, takes_names=True)
