"""Runs a study, which is many models trained and scored alike, on all cores or on a cluster.

bin/study --study=unsupervised_study_v1 --models=0:300 --output_dir=runs/study
bin/study --gin_file=gin/betatcvae.gin --grid="beta_tc_vae.beta=1,2,4,8" --grid="model.random_seed=0:5" \
    --metrics=mig,dci --output_dir=runs/betas
bin/study --output_dir=runs/betas --status
bin/study --output_dir=runs/betas --retry_failed

Every point of the study has a folder below OUTPUT_DIR/points with its model, representations and metrics. The
same command started again goes on where it was stopped, after a kill too; with more values or metrics it adds
what is missing. --address=auto or ray://host:10001 does the same on a Ray cluster that sees the folder.

Exit code: 0; 2 if some points failed; 1 after an error.
"""

import sys

from absl import flags, logging

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_SOME_FAILED = 2


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string("study", None, "Name of a study; see docs/scale.md.")
    flags.DEFINE_string("output_dir", None, "Folder of the study.", required=True)
    flags.DEFINE_multi_string(
        "grid",
        [],
        "NAME=VALUE,VALUE,... or NAME=FIRST:END of a gin name; may be given several times.",
    )
    flags.DEFINE_string("seeds", None, "FIRST:END, seeds of a study or of model.random_seed.")
    flags.DEFINE_string("models", None, "FIRST:END, numbers of models of a study.")
    flags.DEFINE_list("metrics", [], "Names of metrics to compute, or all.")
    flags.DEFINE_list("steps", ["train", "score"], "What to do: train, score, draw.")
    flags.DEFINE_integer("cpus_per_run", 1, "Cores of each run.")
    flags.DEFINE_float("gpus_per_run", 0.0, "Graphics cards of each run, also a part of one.")
    flags.DEFINE_string(
        "address", None, "A running Ray cluster, auto or ray://host:10001; by default this machine."
    )
    flags.DEFINE_boolean("status", False, "Print how far the study is, and do nothing.")
    flags.DEFINE_boolean("retry_failed", False, "Do points again that failed before.")


def _main(_) -> int:
    from tfdis.sweeps.engine import Resources
    from tfdis.sweeps.folder import STEPS, State, StudyFolder
    from tfdis.sweeps.progress import count_states, summary

    if not FLAGS.steps or set(FLAGS.steps) - {*STEPS}:
        raise ValueError(
            f"Expected --steps of {', '.join(STEPS)}. Received: {','.join(FLAGS.steps)}."
        )
    resources = Resources(FLAGS.address, FLAGS.cpus_per_run, FLAGS.gpus_per_run)
    folder = StudyFolder(FLAGS.output_dir)
    points = _points(folder)
    counts = count_states(folder, points, FLAGS.steps)
    if FLAGS.status:
        _print_status(folder, counts)
        return _SOME_FAILED if counts[State.FAILED] else 0
    left = [*counts[State.RUNNING], *counts[State.WAITING]]
    left += counts[State.FAILED] if FLAGS.retry_failed else []
    names = {point.name for point in left}
    logging.info("%s: %s.", folder.path, summary(counts))
    points = [point for point in points if point.name in names]
    failed = _run(folder, points, resources, len(counts[State.DONE])) if points else 0
    if counts[State.FAILED] and not FLAGS.retry_failed:
        logging.warning("%d points failed before: --retry_failed.", len(counts[State.FAILED]))
        failed += len(counts[State.FAILED])
    return _SOME_FAILED if failed else 0


def _points(folder) -> list:
    """The points that the flags describe; without flags that do, those that the folder knows."""
    from tfdis.sweeps.build import build_points
    from tfdis.sweeps.grid import parse_range

    described = FLAGS.study or FLAGS.gin_file
    if not described and not (FLAGS.grid or FLAGS.metrics or FLAGS.seeds or FLAGS.models):
        return folder.read()
    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    points = build_points(
        FLAGS.study,
        FLAGS.gin_file,
        FLAGS.grid,
        FLAGS.gin_bindings,
        FLAGS.metrics,
        parse_range(FLAGS.seeds, "--seeds") if FLAGS.seeds else None,
        parse_range(FLAGS.models, "--models") if FLAGS.models else None,
    )
    if FLAGS.status:
        return points
    from tfdis.sweeps.check import check_macros, check_points

    names = [axis.partition("=")[0].strip() for axis in FLAGS.grid]
    check_macros(names, FLAGS.gin_file, FLAGS.gin_bindings)
    check_points(points, folder)
    return folder.write(FLAGS.study or ",".join(FLAGS.gin_file), points)


def _run(folder, points, resources, num_done) -> int:
    """Does points; returns how many failed."""
    from tfdis.sweeps.engine import run_points, started
    from tfdis.sweeps.progress import Progress
    from tfdis.sweeps.work import Kind

    progress = Progress(folder, points, num_done)
    with started(resources) as ray, progress.shown():
        outcomes = run_points(
            ray,
            folder,
            points,
            FLAGS.steps,
            resources,
            progress,
            [str(path) for path in gin_files.search_folders()],
            flags.FLAGS["import"].value,
        )
    logging.info("%s.", progress.line())
    return sum(outcome.kind is Kind.FAILED for outcome in outcomes)


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


if __name__ == "__main__":
    main()
