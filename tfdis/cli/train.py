"""Trains and exports the model that gin files and bindings describe.

bin/train --gin_file=gin/betatcvae.gin --model_dir=runs/btc
bin/train --gin_file=gin/betatcvae.gin --gin_bindings="beta_tc_vae.beta = 8."

The folder gets checkpoints, training_log.csv, tensorboard, tfhub (frozen TF Hub module), saved_model
(trainable), model.keras and results. The same command started again goes on where it was stopped.
"""

import hashlib
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
        "runs/<gin file>-<fingerprint of the configuration>.",
    )
    flags.DEFINE_bool("overwrite", False, "Whether to delete another run in the folder.")


def _run(_):
    from tfdis import registry
    from tfdis.runs import train as train_run

    registry.load("tfdis.evaluation.scores_while_training")  # Known to gin from here on.

    if not FLAGS.gin_file:
        raise ValueError("Expected --gin_file, for example --gin_file=gin/betatcvae.gin.")
    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    model_dir = FLAGS.model_dir or _default_model_dir()
    train_run.train_with_gin(model_dir, FLAGS.overwrite, FLAGS.gin_file, FLAGS.gin_bindings)


def _default_model_dir():
    command = "\n".join([*FLAGS.gin_file, *FLAGS.gin_bindings])
    fingerprint = hashlib.sha256(command.encode()).hexdigest()[:8]
    return str(Path("runs") / f"{Path(FLAGS.gin_file[-1]).stem}-{fingerprint}")


def main() -> None:
    """Entry point of `bin/train` and `tfdis_train`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
