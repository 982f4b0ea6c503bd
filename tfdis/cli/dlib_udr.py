"""Ranks trained models without labels: unsupervised disentanglement ranking (UDR).

dlib_udr --model_dirs=runs/0/model,runs/1/model,runs/2/model --output_dir=runs/udr \
    --gin_config=tests/methods/udr/udr.gin --gin_bindings="udr_sklearn.num_data_points = 10000"

The models differ in their seed, and have learned from one data set. --gin_config takes the path of a
gin file, or one below disentanglement_lib's own config folder, as here; udr_spearman.gin is
another. gin/eval/models/seed_consistency.gin says how far the models have the same latents.
"""

from absl import flags

from tfdis.cli.dlib_evaluate import define_metric_flags
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names, and two more."""
    flags.DEFINE_list("model_dirs", [], "Folders of trained models, separated by commas.")
    define_metric_flags()


def _main(_) -> None:
    from tfdis.dlib import configs
    from tfdis.evaluation.udr_models import evaluate_models

    if FLAGS.gin_evaluation_config_glob is None:
        runs = [(FLAGS.output_dir, FLAGS.gin_config, FLAGS.gin_bindings)]
    else:
        found = configs.metric_runs(FLAGS.gin_evaluation_config_glob, FLAGS.output_dir)
        runs = [(folder, [path], bindings) for path, folder, bindings in found]
    for folder, files, bindings in runs:
        evaluate_models(
            FLAGS.model_dirs, folder, files, bindings, FLAGS.overwrite, FLAGS.keep_codes
        )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
