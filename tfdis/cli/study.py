"""Runs a study, which is many models trained and scored alike, on all cores or on a cluster.

bin/study --study=unsupervised_study_v1 --models=0:300 --output_dir=runs/study
bin/study --gin_file=gin/betatcvae.gin --grid="beta_tc_vae.beta=1,2,4,8" --grid="model.random_seed=0:5" \
    --metrics=mig,dci --output_dir=runs/betas
bin/study --output_dir=runs/betas --status
bin/study --output_dir=runs/betas --retry_failed

Every point of the study has a folder below OUTPUT_DIR/points with its model, representations and metrics. The
same command started again goes on where it was stopped, after a kill too; with more values or metrics it adds
what is missing. --address=auto or ray://host:10001 does the same on a Ray cluster that sees the folder;
--print_commands prints one command for each point, for the array jobs of a scheduler, which needs no Ray.

--only narrows a study: --study=overlap --only=GRID_SPACING=8,4,1 --only=gin_file=overlap_betavae.

A study of a paper ends with the paper's tables and figures, made of its own runs, in OUTPUT_DIR/figures;
bin/report OUTPUT_DIR makes them at any time, of what is there.

Exit code: 0; 2 if some points failed; 1 after an error.
"""

import contextlib
import os
import shlex
import sys

from absl import flags, logging

import tfdis
from tfdis.cli import gin_files
from tfdis.cli.papers import finish_paper
from tfdis.cli.run import define_keep_codes, run_main
from tfdis.files.command_text import command_text

FLAGS = flags.FLAGS
_SOME_FAILED = 2


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string(
        "study", None, "Name of a study of disentanglement_lib, of a paper, or of your own."
    )
    flags.DEFINE_string("output_dir", None, "Folder of the study.", required=True)
    flags.DEFINE_multi_string(
        "grid",
        [],
        "NAME=VALUE,VALUE,... or NAME=FIRST:END of a gin name; may be given several times.",
    )
    flags.DEFINE_multi_string(
        "only",
        [],
        "NAME=VALUE,VALUE,... of a gin name or macro: leaves out points of a study with other values; may be "
        "given several times. gin_file=NAME,... chooses by the names of gin files.",
    )
    flags.DEFINE_string(
        "seeds", None, "0,1,2 or FIRST:END, seeds of a study or of model.random_seed."
    )
    flags.DEFINE_string("models", None, "0,1,2 or FIRST:END, numbers of models of a study.")
    flags.DEFINE_list("metrics", [], "Names of metrics to compute, separated by commas, or all.")
    flags.DEFINE_list(
        "steps", ["train", "score"], "What to do, separated by commas: train, score, draw."
    )
    flags.DEFINE_integer("cpus_per_run", 1, "Cores of each run.")
    flags.DEFINE_float("gpus_per_run", 0.0, "Graphics cards of each run, also a part of one.")
    flags.DEFINE_string(
        "address", None, "A running Ray cluster, auto or ray://host:10001; by default this machine."
    )
    define_keep_codes()
    flags.DEFINE_boolean(
        "udr",
        False,
        "Compute UDR and seed consistency in the end, scores without labels, of points that differ in their "
        "seed only.",
    )
    flags.DEFINE_boolean("status", False, "Print how far the study is, and do nothing.")
    flags.DEFINE_boolean(
        "dry_run",
        False,
        "Print what is to be done and how long it takes; a few steps are trained for it.",
    )
    flags.DEFINE_boolean(
        "print_commands", False, "Print one command for each point, and do nothing."
    )
    flags.DEFINE_string("point", None, "Do this point alone, in this process, without Ray.")
    flags.DEFINE_boolean("retry_failed", False, "Do points again that failed before.")


def _main(_) -> int:
    from tfdis.sweeps.engine import Resources
    from tfdis.sweeps.folder import STEPS, State, StudyFolder
    from tfdis.sweeps.progress import count_states, summary
    from tfdis.sweeps.results import Results

    if not FLAGS.steps or set(FLAGS.steps) - {*STEPS}:
        raise ValueError(
            f"Expected --steps of {', '.join(STEPS)}. Received: {','.join(FLAGS.steps)}."
        )
    resources = Resources(FLAGS.address, FLAGS.cpus_per_run, FLAGS.gpus_per_run)
    folder = StudyFolder(FLAGS.output_dir)
    points = _points(folder)
    if FLAGS.point:
        _check(folder, points)
        _do_here(folder, points)
        return 0
    counts = count_states(folder, points, FLAGS.steps)
    if FLAGS.status:
        _print_status(folder, counts)
        return _SOME_FAILED if counts[State.FAILED] else 0
    if FLAGS.dry_run or FLAGS.print_commands:
        _check(folder, points)
        return _print_plan(folder, points, counts)
    results, failed = Results(folder, points), 0
    left = _left(folder, points, counts)
    # The processes of the engine import TensorFlow while this one does, to check the points.
    with _engine(resources, len(left)) as ray:
        _check(folder, points)
        logging.info("%s: %s.", folder.path, summary(counts))
        if left:
            failed = _run(ray, folder, left, resources, len(counts[State.DONE]), results)
    _finish(folder, points, results)
    if counts[State.FAILED] and not FLAGS.retry_failed:
        logging.warning("%d points failed before: --retry_failed.", len(counts[State.FAILED]))
        failed += len(counts[State.FAILED])
    return _SOME_FAILED if failed else 0


@contextlib.contextmanager
def _engine(resources, num_points):
    """Ray, whose processes get ready meanwhile; None if there is nothing to do."""
    from tfdis.sweeps.engine import started, warm_up

    if not num_points:
        yield None
        return
    with started(resources) as ray:
        warm_up(ray, resources, _surroundings(), num_points)
        yield ray


def _print_plan(folder, points, counts) -> int:
    """Prints what is to be done, as commands or as an estimate."""
    left = _left(folder, points, counts)
    if FLAGS.dry_run:
        return _print_estimate(folder, points, left, counts)
    sys.stdout.writelines(f"{_command_of(folder, point)}\n" for point in left)
    return 0


def _finish(folder, points, results) -> None:
    """Writes the table of results, adds scores without labels and a paper's figures, and warns."""
    from tfdis.configuration import warn_of_unused
    from tfdis.sweeps.unused import unused_by_all

    results.write()
    if FLAGS.udr:
        from tfdis.sweeps.without_labels import add_scores_without_labels

        scored = add_scores_without_labels(folder, points, FLAGS.keep_codes, FLAGS.gin_bindings)
        results.write(scored)
    finish_paper(folder.path)
    warn_of_unused(unused_by_all(folder, points))


def _left(folder, points, counts) -> list:
    """The points that this command is to do."""
    from tfdis.sweeps.folder import TRAIN

    names = {point.name for point in _unfinished(counts)}
    if TRAIN not in FLAGS.steps:
        untrained = {name for name in names if not folder.is_trained(name)}
        if untrained:
            logging.warning("%d points are not trained yet: left out.", len(untrained))
        names -= untrained
    return [point for point in points if point.name in names]


def _unfinished(counts) -> list:
    """The points that are neither done nor to be left alone."""
    from tfdis.sweeps.folder import State

    failed = counts[State.FAILED] if FLAGS.retry_failed else []
    return [*counts[State.RUNNING], *counts[State.WAITING], *failed]


def _points(folder) -> list:
    """The points that the flags describe; without flags that do, those that the folder knows."""
    from tfdis.sweeps.build import build_points
    from tfdis.sweeps.grid import parse_numbers
    from tfdis.sweeps.only import only
    from tfdis.sweeps.point import SEED_CONSISTENCY, UDR

    gin_files.add_search_paths()
    if not _study() and not (FLAGS.grid or FLAGS.metrics or FLAGS.seeds or FLAGS.models):
        return only(folder.read(), FLAGS.only)
    gin_files.check_gin_files(FLAGS.gin_file)
    points = build_points(
        FLAGS.study,
        FLAGS.gin_file,
        FLAGS.grid,
        FLAGS.gin_bindings,
        FLAGS.metrics,
        parse_numbers(FLAGS.seeds, "--seeds") if FLAGS.seeds else None,
        parse_numbers(FLAGS.models, "--models") if FLAGS.models else None,
        (UDR, SEED_CONSISTENCY) if FLAGS.udr else (),
    )
    points = only(points, FLAGS.only)
    return points if FLAGS.status else folder.write(_study(), points, dry=True)


def _study() -> str:
    """Name of the study that the flags describe; empty if they describe none."""
    return FLAGS.study or ",".join(FLAGS.gin_file)


def _check(folder, points) -> None:
    """Refuses wrong points that the flags describe, makes their data sets, and notes them in the folder."""
    from tfdis.sweeps.check import check_macros, check_points

    if not _study():
        return
    names = [axis.partition("=")[0].strip() for axis in FLAGS.grid]
    check_macros(names, FLAGS.gin_file, FLAGS.gin_bindings)
    check_points(points, folder)
    folder.write(_study(), points, FLAGS.dry_run, command_text("bin/study", *sys.argv[1:]))


def _command_of(folder, point) -> str:
    """The command that does one point alone, from whichever folder it is started."""
    options = [f"--steps={','.join(FLAGS.steps)}", f"--cpus_per_run={FLAGS.cpus_per_run}"]
    options += [] if FLAGS.keep_codes else ["--nokeep_codes"]
    options += [f"--import={name}" for name in flags.FLAGS["import"].value]
    place = ["env", "-C", os.getcwd()]
    program = os.path.abspath(sys.argv[0])
    return shlex.join(
        [*place, program, f"--output_dir={folder.path}", f"--point={point.name}", *options]
    )


def _do_here(folder, points) -> None:
    """Does the point of --point in this process."""
    from tfdis.sweeps.here import check_outcome, do_here

    _surroundings().enter()
    check_outcome(folder, do_here(folder, points, FLAGS.point, FLAGS.steps, FLAGS.keep_codes))


def _surroundings():
    """What processes that do points take over from this command."""
    from tfdis.sweeps.worker import Surroundings

    return Surroundings(
        version=tfdis.__version__,
        working_dir=os.getcwd(),
        gin_folders=tuple(str(path) for path in gin_files.search_folders()),
        modules=tuple(flags.FLAGS["import"].value),
        threads=FLAGS.cpus_per_run,
        keep_codes=FLAGS.keep_codes,
    )


def _run(ray, folder, points, resources, num_done, results) -> int:
    """Does points; returns how many failed."""
    from tfdis.sweeps.engine import run_points
    from tfdis.sweeps.progress import Progress
    from tfdis.sweeps.work import Kind

    progress = Progress(folder, points, num_done)

    def watch(outcome):
        progress(outcome)
        results(outcome)

    with progress.shown():
        outcomes = run_points(
            ray,
            folder,
            points,
            FLAGS.steps,
            resources,
            _surroundings(),
            watch,
        )
    logging.info("%s.", progress.line())
    return sum(outcome.kind is Kind.FAILED for outcome in outcomes)


def _print_estimate(folder, every, points, counts) -> int:
    """Prints what the points that are left take."""
    from tfdis.configuration import leaving_unused_to
    from tfdis.sweeps.estimate import estimate_lines, kinds_of, measure
    from tfdis.sweeps.jobs import TRAIN_JOB
    from tfdis.sweeps.progress import summary
    from tfdis.sweeps.stand_ins import stand_ins

    sys.stdout.write(f"{summary(counts)}\n")
    _surroundings().enter()
    left = [point for point in points if not folder.is_trained(point.name)]
    parallel = max((os.cpu_count() or 1) // FLAGS.cpus_per_run, 1)
    # One kind of points does not know what the others use.
    with leaving_unused_to(lambda unused: None), stand_ins(every, folder) as (small, once):
        kinds = kinds_of([point for point in left if point.job == TRAIN_JOB])
        lines = estimate_lines([measure(kind, small) for kind in kinds], parallel, once)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _print_status(folder, counts) -> None:
    from tfdis.sweeps.folder import LOG_FILE, State
    from tfdis.sweeps.progress import summary

    sys.stdout.write(f"{summary(counts)}\n")
    for point in counts[State.FAILED]:
        sys.stdout.write(f"failed {point.name}: {folder.failure(point)}\n")
        sys.stdout.write(f"    {folder.at(point, LOG_FILE)}\n")


def main() -> None:
    """Entry point of `bin/study` and `tfdis_study`."""
    run_main(_main, define_flags)
