"""Trains and exports a model that a gin file of disentanglement_lib 1.5 describes.

dlib_train --model_dir=runs/shared --gin_config=unsupervised_study_v1/model_configs/shared.gin \
    --gin_bindings="vae.beta = 4."

--gin_config takes the path of a gin file, or one below disentanglement_lib's own config folder, as
here. The same command started again goes on where it was stopped.
"""

import os
from collections.abc import Callable

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names."""
    flags.DEFINE_string("model_dir", None, "Folder to save the trained model in.", required=True)
    flags.DEFINE_string("gin_model_dir", None, "Folder of the file that gin_file_name names.")
    flags.DEFINE_string("gin_file_name", None, "Gin file in gin_model_dir, read last.")
    flags.DEFINE_multi_string("gin_config", [], "Gin files of the model.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override the files.")
    flags.DEFINE_boolean("overwrite", False, "Delete another run in the folder.")


def train_as_flags_say(train: Callable[..., None]) -> None:
    """Calls train(model_dir, gin files, gin bindings, overwrite) with the values of the flags."""
    if (FLAGS.gin_model_dir is None) != (FLAGS.gin_file_name is None):
        raise ValueError(
            "Expected --gin_model_dir and --gin_file_name together. Received: "
            f"--gin_model_dir={FLAGS.gin_model_dir} --gin_file_name={FLAGS.gin_file_name}."
        )
    files = [*FLAGS.gin_config]
    if FLAGS.gin_file_name is not None:
        files.append(os.path.join(FLAGS.gin_model_dir, FLAGS.gin_file_name))
    gin_files.add_search_paths()
    train(FLAGS.model_dir, files, FLAGS.gin_bindings, FLAGS.overwrite)


def _main(_) -> None:
    from tfdis.dlib.train import train

    train_as_flags_say(train)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
