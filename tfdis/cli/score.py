"""Scores codes against the factors that made them: two files of numbers, no images and no model.

bin/score codes.npy factors.npy
bin/score codes.csv factors.csv --metrics=mig,dci,infomec --output=scores.json
bin/score arrays.npz --bootstrap=200

The files have one row for each sample, in the same order: .npy, .npz, .csv or .parquet. A single .npz file has
both arrays, called codes and factors. Codes are [num_samples, num_latents], or vectors [num_samples, num_units,
unit_dim]; factors are [num_samples, num_factors], numbers or texts. A metric that has no value for them is left
out, and the reason is said.
"""

import json
import sys

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    flags.DEFINE_list("metrics", ["all"], "Names of metrics, separated by commas, or all.")
    flags.DEFINE_string("output", None, "JSON file to write the scores to, besides the table.")
    flags.DEFINE_boolean("overwrite", False, "Replace the output if it is there.")
    flags.DEFINE_integer("random_seed", 0, "Seed of all that a metric draws.", lower_bound=0)
    flags.DEFINE_integer("bootstrap", None, "Number of resamples for confidence intervals.")
    flags.DEFINE_boolean("standardise", False, "Give each latent mean 0 and standard deviation 1.")


def _main(arguments):
    from tfdis.evaluation import score
    from tfdis.evaluation.table_files import read_table
    from tfdis.files.whole import check_vacant, write_text_whole

    paths = arguments[1:]
    if len(paths) not in (1, 2) or (len(paths) == 1 and not paths[0].endswith(".npz")):
        raise ValueError(
            "Expected a file of codes and a file of factors, or one .npz file with both. Received: "
            f"{' '.join(paths) or 'none'}. Fix, for example: bin/score codes.npy factors.npy"
        )
    if FLAGS.output:
        check_vacant(FLAGS.output, FLAGS.overwrite)
    scores = score(
        read_table(paths[0], "codes"),
        read_table(paths[-1], "factors"),
        "all" if "all" in FLAGS.metrics else FLAGS.metrics,
        seed=FLAGS.random_seed,
        bootstrap=FLAGS.bootstrap,
        standardise=FLAGS.standardise,
    )
    sys.stdout.write(_table(scores))
    if FLAGS.output:
        write_text_whole(FLAGS.output, json.dumps(scores, indent=2) + "\n")


def _table(scores):
    """One line for each score, with its interval if there is one."""
    names = [name for name in scores if not name.endswith(("/low", "/high"))]
    width = max(map(len, names))
    lines = []
    for name in names:
        line = f"{name:{width}}  {scores[name]:10.4f}"
        if f"{name}/low" in scores:
            line += f"  [{scores[f'{name}/low']:.4f}, {scores[f'{name}/high']:.4f}]"
        lines.append(line)
    return "\n".join([*lines, ""])


def main() -> None:
    """Entry point of `bin/score` and `tfdis_score`."""
    run_main(_main, define_flags, takes_names=True)
