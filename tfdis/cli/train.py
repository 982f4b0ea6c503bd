"""Trains and exports the model that gin files and bindings describe.

bin/train --gin_file=gin/betatcvae.gin --model_dir=runs/btc
bin/train --gin_file=gin/betatcvae.gin --gin_bindings="beta_tc_vae.beta = 8."

The folder gets checkpoints, training_log.csv, tensorboard, tfhub (frozen TF Hub module), saved_model
(trainable), model.keras and results. The same command started again goes on where it was stopped.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags():
    gin_files.define_gin_flags()
    flags.DEFINE_string(
        "model_dir",
        None,
        "Folder of the run. The same command started again resumes it. By default "
        "runs/<gin file>-<fingerprint of the configuration>, in which options that change no result, such "
        "as runtime.threads, do not count.",
    )
    flags.DEFINE_bool("overwrite", False, "Whether to delete another run in the folder.")


def _run(_):
    gin_files.check_gin_files(FLAGS.gin_file, "gin/betatcvae.gin")
    gin_files.add_search_paths()
    from tfdis import registry
    from tfdis.runs import train as train_run

    registry.load("tfdis.evaluation.scores_while_training")  # Known to gin from here on.
    model_dir = FLAGS.model_dir or default_model_dir(FLAGS.gin_file, FLAGS.gin_bindings)
    train_run.train_with_gin(model_dir, FLAGS.overwrite, FLAGS.gin_file, FLAGS.gin_bindings)


def default_model_dir(gin_files: Sequence[str], gin_bindings: Sequence[str]) -> str:
    """Names the folder of a run by its gin file and by a fingerprint of what it is.

    Args:
        gin_files: paths of gin files, at least one.
        gin_bindings: bindings, those of options that change no result do not count.
    """
    from tfdis.training.options import NAMES_WITHOUT_EFFECT

    # A name may be given with its module before it.
    bound = {line: line.partition("=")[0].strip().split(".")[-2:] for line in gin_bindings}
    counted = [line for line in gin_bindings if ".".join(bound[line]) not in NAMES_WITHOUT_EFFECT]
    fingerprint = hashlib.sha256("\n".join([*gin_files, *counted]).encode()).hexdigest()[:8]
    return str(Path("runs") / f"{Path(gin_files[-1]).stem}-{fingerprint}")


def main() -> None:
    """Entry point of `bin/train` and `tfdis_train`."""
    run_main(_run, _define_flags)
