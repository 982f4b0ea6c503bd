"""Joins many results in one JSON file with disentanglement_lib 1.5's own code.

dlib_aggregate_results --output_path=results.json \
    --result_file_pattern="output/*/metrics/*/*/results/aggregate/evaluation.json"

`disentanglement_lib.utils.aggregate_results.load_aggregated_json_results` and `pandas.read_json`
read the file, which has one row for each result.
"""

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names and defaults."""
    flags.DEFINE_string(
        "result_file_pattern",
        "output/*/metrics/*/*/results/aggregate/evaluation.json",
        "Pattern of the result files.",
    )
    flags.DEFINE_string("output_path", "results.json", "File to write; replaced if it exists.")


def _main(_) -> None:
    from tfdis.dlib.aggregate_results import aggregate_results

    aggregate_results(FLAGS.result_file_pattern, FLAGS.output_path)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
