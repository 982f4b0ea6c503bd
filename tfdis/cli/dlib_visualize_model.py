"""Draws a trained model with disentanglement_lib 1.5's own code.

dlib_visualize_model --model_dir=runs/btc --output_dir=runs/btc/visualizations

Writes reconstructions, sampled, traversals, animated_traversals (five kinds of five animations) and
interventional_effects.
"""

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names."""
    flags.DEFINE_string(
        "model_dir", None, "Folder of the trained model: has tfhub and results.", required=True
    )
    flags.DEFINE_string("output_dir", None, "Folder to save the pictures in.", required=True)
    flags.DEFINE_boolean("overwrite", False, "Replace the output folder if it exists.")


def _main(_) -> None:
    from tfdis.dlib.visualize_model import visualize_model

    visualize_model(FLAGS.model_dir, FLAGS.output_dir, FLAGS.overwrite)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
