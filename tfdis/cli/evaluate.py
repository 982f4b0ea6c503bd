"""Scores a run with many metrics at once; every image is encoded at most once.

bin/evaluate --model_dir=runs/btc --metrics=all
bin/evaluate --model_dir=runs/btc --metrics=mig,dci,infomec --random_seed=1

Reads the run's module, writes its representation to runs/btc/postprocessed/mean unless it is there,
and the scores to runs/btc/metrics/mean/<metric>/results, in disentanglement_lib's layout; prints the main
scores that are there. Metrics are disentanglement_lib's, by the names of its gin files (mig, dci,
sap_score, ...), and tfdis's own. Scores are disentanglement_lib's own for the same seed. The same command
started again computes only what is missing.
"""

import os
import sys

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    flags.DEFINE_string(
        "model_dir", None, "Folder of a run of bin/train, or of dlib_reproduce.", required=True
    )
    flags.DEFINE_list("metrics", ["all"], "Names of metrics, separated by commas, or all.")
    flags.DEFINE_enum(
        "representation",
        "mean",
        ["mean", "sampled"],
        "Kind of code: the mean of the posterior, or a sample of it.",
    )
    flags.DEFINE_integer("random_seed", 0, "evaluation.random_seed of every metric.", lower_bound=0)
    flags.DEFINE_integer(
        "num_train", 10000, "Number of samples that tfdis's own metrics draw.", lower_bound=20
    )
    flags.DEFINE_multi_string(
        "gin_bindings", [], "Gin line for every metric; may be given several times."
    )
    flags.DEFINE_boolean(
        "overwrite", False, "Replace scores that exist, also those of other settings."
    )
    flags.DEFINE_boolean(
        "keep_codes",
        True,
        "Keep the codes of images in the folder codes beside the module, for later commands.",
    )


def _main(_) -> None:
    from tfdis.evaluation.chosen import metrics_by_name
    from tfdis.export.run import Run

    run, name = FLAGS.model_dir, FLAGS.representation
    metrics = metrics_by_name(
        FLAGS.metrics,
        os.path.join(run, "metrics", name),
        FLAGS.num_train,
        [f"evaluation.random_seed = {FLAGS.random_seed}", *FLAGS.gin_bindings],
    )
    representation_dir = os.path.join(run, "postprocessed", name)
    model = None if os.path.isdir(representation_dir) else Run.open(run).folder
    from tfdis.dlib import commands

    if model:
        config = f"unsupervised_study_v1/postprocess_configs/{name}.gin"
        commands.postprocess(str(model), representation_dir, [config])
    commands.evaluate_all(
        representation_dir, metrics, FLAGS.overwrite, go_on=True, keep_codes=FLAGS.keep_codes
    )
    _print_scores(os.path.join(run, "metrics", name))


def _print_scores(folder):
    """Prints the main scores of all metrics that were computed, one on each line."""
    from tfdis.report.runs import collect_runs
    from tfdis.report.scores import in_order, is_headline, label

    for run in collect_runs([folder])[0]:
        names = [name for name in in_order(run.scores) if is_headline(name)]
        width = max((len(label(name)) for name in names), default=0)
        sys.stdout.writelines(f"{label(n):{width}}  {run.scores[n]:8.4f}\n" for n in names)


def main() -> None:
    """Entry point of `bin/evaluate` and `tfdis_evaluate`."""
    run_main(_main, define_flags)


if __name__ == "__main__":
    main()
