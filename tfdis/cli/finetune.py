"""Finetunes a feature extractor on labelled data sets: one linear classifier for each factor.

bin/finetune --gin_file=gin/papers/stage2/finetune_paper.gin --model_dir=runs/finetuned
bin/finetune --gin_file=gin/papers/stage2/finetune_arm3d.gin --gin_bindings="finetune.patience = 2"

The folder gets extractor.keras (without the classifiers), checkpoints, training_log.csv,
validation_log.csv, tensorboard and results; a table of each factor's accuracy is printed. The same
command started again goes on where it was stopped, and does nothing once it is complete.
"""

import sys

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string(
        "model_dir",
        None,
        "Folder of the run. The same command started again resumes it.",
        required=True,
    )
    flags.DEFINE_bool("overwrite", False, "Whether to delete another run in the folder.")


def _main(_) -> None:
    gin_files.check_gin_files(FLAGS.gin_file, "gin/papers/stage2/finetune_paper.gin")
    gin_files.add_search_paths()
    from tfdis.report.console import accuracy_table
    from tfdis.runs import finetune as finetune_run

    results = finetune_run.finetune_with_gin(
        FLAGS.model_dir, FLAGS.overwrite, FLAGS.gin_file, FLAGS.gin_bindings
    )
    if results is not None:
        sys.stdout.write(accuracy_table(results) + "\n")


def main() -> None:
    """Entry point of `bin/finetune` and `tfdis_finetune`."""
    run_main(_main, define_flags)
