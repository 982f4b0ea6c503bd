"""Trains and exports a weakly supervised model that a gin file in disentanglement_lib's dialect describes.

dlib_train_weakly_supervised --model_dir=runs/adagvae --gin_config=adagvae.gin

where adagvae.gin has, beside what every model has: model.model = @group_vae_argmax(),
group_vae_argmax.beta = 1., dynamics.k = -1. Learns from pairs of images; also: @group_vae_labels(),
@mlvae_argmax(), @mlvae_labels(). The same command started again goes on where it was stopped.
"""

import os

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.dlib_train import define_flags
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _main(_) -> None:
    from tfdis.dlib.weak import train_weakly_supervised

    if (FLAGS.gin_model_dir is None) != (FLAGS.gin_file_name is None):
        raise ValueError(
            "Expected --gin_model_dir and --gin_file_name together. Received: "
            f"--gin_model_dir={FLAGS.gin_model_dir} --gin_file_name={FLAGS.gin_file_name}."
        )
    files = [*FLAGS.gin_config]
    if FLAGS.gin_file_name is not None:
        files.append(os.path.join(FLAGS.gin_model_dir, FLAGS.gin_file_name))
    gin_files.add_search_paths()
    train_weakly_supervised(FLAGS.model_dir, files, FLAGS.gin_bindings, FLAGS.overwrite)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)


if __name__ == "__main__":
    main()
