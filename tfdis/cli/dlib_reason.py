"""Teaches a network to solve matrices of abstract reasoning, on a representation, images or factors.

dlib_reason --input_dir=runs/btc/postprocessed/mean --output_dir=runs/btc/reasoning \
    --gin_config=abstract_reasoning_study_v1/stage2/example.gin \
    --gin_bindings="dataset.name = 'auto'" --gin_bindings="pgm.pgm_type = 'hard_mixed'" \
    --gin_bindings="TwoStageModel.embedding_model_class = @HubEmbedding" \
    --gin_bindings="AdamOptimizer.learning_rate = 1e-4"

--gin_config takes the path of a gin file, or one below disentanglement_lib's own config folder, as
here. Without a representation, embedding_model_class is @BaselineCNNEmbedder, "values" or "onehot".
The same command started again goes on where it was stopped.
"""

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names."""
    flags.DEFINE_string(
        "input_dir",
        None,
        "Folder of the representation: has tfhub and results. Not needed to reason on images or factors.",
    )
    flags.DEFINE_string("output_dir", None, "Folder to write the run to.", required=True)
    flags.DEFINE_multi_string("gin_config", [], "Gin files of the reasoning.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override the files.")
    flags.DEFINE_boolean("overwrite", False, "Delete another run in the folder.")


def _main(_) -> None:
    from tfdis.dlib.reason import reason_with_gin

    gin_files.add_search_paths()
    reason_with_gin(
        FLAGS.input_dir, FLAGS.output_dir, FLAGS.gin_config, FLAGS.gin_bindings, FLAGS.overwrite
    )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
