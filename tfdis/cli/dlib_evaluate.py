"""Scores a representation with disentanglement_lib 1.5.

dlib_evaluate --input_dir=runs/btc/postprocessed/mean --output_dir=runs/btc/metrics/mean/mig \
    --gin_config=unsupervised_study_v1/metric_configs/mig.gin

--gin_config takes the path of a gin file, or one below disentanglement_lib's own config folder, as
here.
"""

from absl import flags

from tfdis.cli.run import define_keep_codes, run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names."""
    flags.DEFINE_string(
        "input_dir", None, "Folder of the representation: has tfhub and results.", required=True
    )
    define_metric_flags()
    flags.DEFINE_boolean(
        "encode_once",
        True,
        "Encode each image at most once, for all metrics, and fit models on all cores; the scores are "
        "the same. --noencode_once runs disentanglement_lib's driver as it is.",
    )


def define_metric_flags() -> None:
    """Defines the flags that say which metrics to compute, and where to write them."""
    flags.DEFINE_string("output_dir", None, "Folder to write the scores to.", required=True)
    flags.DEFINE_multi_string("gin_config", [], "Gin files of the metric.")
    flags.DEFINE_multi_string("gin_bindings", [], "Gin lines that override the files.")
    flags.DEFINE_string(
        "gin_evaluation_config_glob",
        None,
        "Pattern of gin files, one metric each; every metric gets a folder in output_dir named "
        "after its file. gin_config and gin_bindings are not used then.",
    )
    flags.DEFINE_boolean("overwrite", False, "Replace output folders that exist.")
    define_keep_codes()


def _main(_) -> None:
    from tfdis.dlib import commands, configs

    if FLAGS.gin_evaluation_config_glob is None:
        commands.evaluate(
            FLAGS.input_dir,
            FLAGS.output_dir,
            FLAGS.gin_config,
            FLAGS.gin_bindings,
            FLAGS.overwrite,
            FLAGS.encode_once,
            keep_codes=FLAGS.keep_codes,
        )
        return
    runs = configs.metric_runs(FLAGS.gin_evaluation_config_glob, FLAGS.output_dir)
    commands.evaluate_all(
        FLAGS.input_dir,
        list(runs),
        FLAGS.overwrite,
        FLAGS.encode_once,
        keep_codes=FLAGS.keep_codes,
    )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
