"""The challenge's protocol: finetune (stage 2), extract, train, export, score with disentanglement_lib.

bin/challenge --gin_file=gin/papers/stage1/arm3d.gin --output_dir=runs/stage1 --seeds=0,1,2
bin/challenge --gin_file=gin/papers/stage1/arm3d.gin --output_dir=runs/stage1 --seeds=0,1,2 \
    --control=random --control=pixels

Does points of the study `challenge` one after the other, without Ray. Writes below OUTPUT_DIR/points the
folders <system>,finetuned and <system>,features, which seeds share, and <system>,seed=<n> with model,
postprocessed and metrics; <system> is `method`, or a control: `random` (the same with random backbone weights)
or `pixels` (a beta-VAE on the images). It also writes scores.md and scores.csv of all systems that are there.
Started again, it does not repeat what is done; further seeds and controls are added. Another configuration
needs another folder. `bin/study --study=challenge` with the same gin files and bindings goes on in the same
folder, on all cores or on a cluster.
"""

import sys
from pathlib import Path

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import define_keep_codes, run_main
from tfdis.files.command_text import command_text
from tfdis.report.challenge import (
    METHOD,
    PIXELS,
    RANDOM,
    STUDY,
    SYSTEMS,
    system_of,
    write_table,
)
from tfdis.report.study import POINTS_FOLDER
from tfdis.sweeps.grid import parse_numbers

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string(
        "output_dir", None, "Folder of everything that the command writes.", required=True
    )
    flags.DEFINE_string("seeds", "0", "0,1,2 or FIRST:END, seeds of the VAE.")
    flags.DEFINE_multi_enum(
        "control", [], [RANDOM, PIXELS], "Run this control in place of the method; may be repeated."
    )
    define_keep_codes()


def _main(_) -> None:
    gin_files.check_gin_files(FLAGS.gin_file, "gin/papers/stage1/arm3d.gin")
    gin_files.add_search_paths()
    _check_layout(Path(FLAGS.output_dir))
    _run(FLAGS.control or [METHOD], parse_numbers(FLAGS.seeds, "--seeds"))


def _run(systems, seeds) -> None:
    """Does what is missing of some systems, and writes the table of all that are there."""
    from tfdis.runs.challenge import read_challenge_config
    from tfdis.sweeps.check import check_points
    from tfdis.sweeps.folder import SCORE, TRAIN, StudyFolder
    from tfdis.sweeps.here import do_all_here

    folder = StudyFolder(FLAGS.output_dir)
    points = folder.write(STUDY, _points(systems, seeds), dry=True)
    check_points(points, folder)
    folder.write(STUDY, points, command=command_text("bin/challenge", *sys.argv[1:]))
    do_all_here(folder, points, (TRAIN, SCORE), FLAGS.keep_codes)
    if {*systems} != {PIXELS}:  # Its points alone have no use for most of the protocol's lines.
        config = read_challenge_config(FLAGS.gin_file, FLAGS.gin_bindings)
        _warn_of_unused(folder, points, config)
    sys.stdout.write(write_table(folder.path))


def _check_layout(root: Path) -> None:
    """Refuses a folder in which the systems have folders of their own, as they had up to tfdis 0.1."""
    old = [system for system in SYSTEMS if (root / system).is_dir()]
    if old:
        raise FileExistsError(
            f"Expected a new folder, or one whose runs are in {POINTS_FOLDER}. Received: {root} with runs of "
            f"an earlier version in {' and '.join(old)}. Fix: choose another --output_dir; bin/report still "
            "reads these runs."
        )


def _points(systems, seeds) -> list:
    """The points of some systems, in the order of these."""
    from tfdis.sweeps.build import build_points

    points = build_points(STUDY, FLAGS.gin_file, (), FLAGS.gin_bindings, seeds=seeds)
    own = [point for point in points if system_of(point.name) in systems]
    return sorted(own, key=lambda point: systems.index(system_of(point.name)))


def _warn_of_unused(folder, points, config) -> None:
    from tfdis.configuration import warn_of_unused
    from tfdis.runs.challenge import offered_macros
    from tfdis.sweeps.unused import unused_by_all

    warn_of_unused(unused_by_all(folder, points, offered_macros(config, FLAGS.gin_file)))


def main() -> None:
    """Entry point of `bin/challenge` and `tfdis_challenge`."""
    run_main(_main, define_flags)
