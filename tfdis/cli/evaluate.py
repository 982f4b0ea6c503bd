"""Scores a run with many metrics at once; every image is encoded at most once.

bin/evaluate runs/btc
bin/evaluate --model_dir=runs/btc --metrics=mig,dci,infomec --random_seed=1

Reads the run's module, writes its representation to runs/btc/postprocessed/mean unless it is there,
and the scores to runs/btc/metrics/mean/<metric>/results, in disentanglement_lib's layout; prints the main
scores that are there. Metrics are disentanglement_lib's, by the names of its gin files (mig, dci,
sap_score, ...), and tfdis's own. Scores are disentanglement_lib's own for the same seed. The same command
started again computes only what is missing. If the run was trained further since, scores of its earlier
state are refused, and replaced by --overwrite.
"""

import os
import shutil
import sys

from absl import flags

from tfdis.cli.run import define_keep_codes, define_model_dir, named_run, run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    define_model_dir()
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
        "overwrite",
        False,
        "Replace scores that exist, also those of other settings, or of before more training.",
    )
    define_keep_codes()


def _main(arguments) -> None:
    from tfdis.evaluation.chosen import metrics_by_name
    from tfdis.export.run import Run

    run, name = named_run(arguments, "evaluate"), FLAGS.representation
    representation = os.path.join(run, "postprocessed", name)
    metrics_dir = os.path.join(run, "metrics", name)
    metrics = metrics_by_name(
        FLAGS.metrics,
        metrics_dir,
        FLAGS.num_train,
        [f"evaluation.random_seed = {FLAGS.random_seed}", *FLAGS.gin_bindings],
    )
    is_there = os.path.isdir(representation)
    is_old = is_there and _is_of_an_earlier_state(run, representation)
    if is_old and not FLAGS.overwrite:
        raise FileExistsError(
            f"Expected in {representation} the representation of the model as it is. Received: that of "
            "before the model was trained further, whose scores are in "
            f"{metrics_dir}. Fix: --overwrite to replace both, or move them elsewhere to keep them."
        )
    model = None if is_there and not is_old else Run.open(run).folder
    from tfdis.dlib import commands

    if is_old:  # First, so that no kill leaves them beside a representation that is not theirs.
        shutil.rmtree(metrics_dir, ignore_errors=True)
    if model:
        config = f"unsupervised_study_v1/postprocess_configs/{name}.gin"
        commands.postprocess(str(model), representation, [config], overwrite=is_old)
    commands.evaluate_all(
        representation, metrics, FLAGS.overwrite, go_on=True, keep_codes=FLAGS.keep_codes
    )
    _print_scores(metrics_dir)


def _is_of_an_earlier_state(run, representation):
    """Whether the run's model was trained further since the representation was made from it."""
    from tfdis.export.run import Run

    try:
        return not Run.open(run).is_source_of(representation)
    except FileNotFoundError:  # A representation without its model can be scored, too.
        return False


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
    run_main(_main, define_flags, takes_names=True)
