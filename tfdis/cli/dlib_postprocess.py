"""Extracts a representation from a trained model with disentanglement_lib 1.5.

dlib_postprocess --model_dir=runs/btc --output_dir=runs/btc/postprocessed/mean \
    --gin_config=unsupervised_study_v1/postprocess_configs/mean.gin

--gin_config takes the path of a gin file, or one below disentanglement_lib's own config folder, as
here.
"""

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names."""
    flags.DEFINE_string(
        "model_dir", None, "Folder of the trained model: has tfhub and results.", required=True
    )
    flags.DEFINE_string("output_dir", None, "Folder to write the representation to.", required=True)
    flags.DEFINE_multi_string("gin_config", [], "Gin files of the postprocessing.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override the files.")
    flags.DEFINE_boolean("overwrite", False, "Replace the output folder if it exists.")


def _main(_) -> None:
    from tfdis.dlib import commands

    commands.postprocess(
        FLAGS.model_dir, FLAGS.output_dir, FLAGS.gin_config, FLAGS.gin_bindings, FLAGS.overwrite
    )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
