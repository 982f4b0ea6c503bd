"""Selects among trained models by a score on a few labelled images, and prints them, the best first.

bin/validate --input_dirs=runs/0/postprocessed/mean,runs/1/postprocessed/mean --output_dir=runs/selection \
    --gin_config=tests/validation/validation_test_configs/mig.gin \
    --gin_bindings="validation.num_labelled_samples = 100"

--gin_config takes the path of a gin file, or one below disentanglement_lib's own config folder, as
here; sap_score.gin and dci.gin are others. The folder gets ranking.json, and for each representation
its number with results, as disentanglement_lib writes them.
"""

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags() -> None:
    flags.DEFINE_list("input_dirs", [], "Folders of representations, separated by commas.")
    flags.DEFINE_string("output_dir", None, "Folder to write the scores to.", required=True)
    flags.DEFINE_multi_string("gin_config", [], "Gin files of the validation.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override the files.")
    flags.DEFINE_boolean("overwrite", False, "Replace an output folder that exists.")


def _main(_) -> None:
    from tfdis.export.run import Run

    for run in FLAGS.input_dirs:
        Run.open(run)  # Refuses a wrong folder before TensorFlow is imported.
    from tfdis.evaluation.few_labels import validate_models

    arguments = (FLAGS.input_dirs, FLAGS.output_dir, FLAGS.gin_config, FLAGS.gin_bindings)
    for row in validate_models(*arguments, FLAGS.overwrite):
        print(f"{row['ranked_by']} {row['score']:.4f}  {row['input_dir']}")


def main() -> None:
    """Entry point of `bin/validate` and `tfdis_validate`."""
    run_main(_main, _define_flags)
