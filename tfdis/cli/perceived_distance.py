"""Measures how far apart a reconstruction loss sees the values of each factor of a data set.

bin/perceived_distance --dataset=dsprites_full --output_dir=out/dsprites
bin/perceived_distance --dataset=xysquares --gin_bindings="xysquares.grid_spacing = 4" \
    --loss=box_blur_mse_loss --output_dir=out/xysquares

Writes distances.csv and distances.md (mean, standard deviation, standard error for random pairs
and each factor, ordered by mean, beside what the paper publishes), cumulative.png, settings.json,
and for xysquares overlap.csv and overlap.png (distance against grid steps for spacings 8 to 1).
"""

import json
import os

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_DEFAULT_LOSS = "mean_squared_difference"


def define_flags() -> None:
    """Defines the command's flags."""
    gin_files.define_gin_flags()
    flags.DEFINE_string("dataset", None, "Name of the data set; otherwise gin's dataset.name.")
    flags.DEFINE_string("output_dir", None, "Folder to write to.", required=True)
    flags.DEFINE_integer(
        "num_pairs", 50_000, "Number of pairs that are drawn for each factor.", lower_bound=2
    )
    flags.DEFINE_integer("seed", 0, "Seed of the draws.", lower_bound=0)
    flags.DEFINE_boolean("exhaustive", False, "Take all pairs instead of drawing some.")
    flags.DEFINE_string(
        "loss",
        _DEFAULT_LOSS,
        "The distance: mean_squared_difference, or the gin name of a reconstruction loss "
        "(mse_loss, box_blur_mse_loss, bernoulli_loss, ...), whose mean over pixels is taken.",
    )
    flags.DEFINE_boolean("overwrite", False, "Replace the output folder if it exists.")


def _main(_) -> None:
    from tfdis import analysis
    from tfdis.configuration import warn_of_unused
    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.files.whole import check_vacant, written_whole

    check_vacant(FLAGS.output_dir, FLAGS.overwrite)
    distance = _configured_distance()
    data = get_named_ground_truth_data()
    warn_of_unused()
    options = (FLAGS.num_pairs, FLAGS.seed, distance, FLAGS.exhaustive)
    distances = analysis.sample_distances(data, *options)
    table = analysis.summarise_distances(distances, data, FLAGS.exhaustive)
    with written_whole(FLAGS.output_dir, FLAGS.overwrite) as folder:
        os.mkdir(folder)
        _write_results(folder, data, distances, table)
        if data.name == "xysquares":
            _write_overlap(folder, analysis.overlap_curves(loss=distance))


def _configured_distance():
    """Parses the gin options; returns the distance that --loss names."""
    import gin

    from tfdis import registry
    from tfdis.analysis import distances
    from tfdis.configuration import explaining_names

    registry.load("tfdis.data")  # Its options exist before gin parses them.

    is_default = FLAGS.loss == _DEFAULT_LOSS
    if not is_default:
        from tfdis import objectives
    bindings = list(FLAGS.gin_bindings)
    if FLAGS.dataset:
        bindings.append(f"dataset.name = {FLAGS.dataset!r}")
    if not is_default:
        # Distances undo the activation, so that every one that the loss takes gives the same.
        loss_fn = gin.get_configurable(FLAGS.loss)
        activation = getattr(loss_fn, "usual_activation", "logits")
        bindings.append(f"reconstruction_loss.loss_fn = @{FLAGS.loss}")
        bindings.append(f"reconstruction_loss.activation = {activation!r}")
    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    with explaining_names():
        gin.parse_config_files_and_bindings(FLAGS.gin_file, bindings)
    try:
        gin.query_parameter("dataset.name")
    except ValueError as error:
        raise ValueError(
            "Expected --dataset=NAME, or a gin file that binds dataset.name."
        ) from error
    if is_default:
        return distances.mean_squared_difference
    return distances.reconstruction_distance(objectives.make_reconstruction_loss())


def _write_results(folder, data, distances, table):
    from tfdis.analysis.published import published_distances
    from tfdis.plots.perceived_distance import plot_cumulative_distances
    from tfdis.report.markdown import markdown_table

    published = published_distances(data) if FLAGS.loss == _DEFAULT_LOSS else None
    shown = table if published is None else table.join(published)
    table.to_csv(os.path.join(folder, "distances.csv"))
    heading = f"{data.name} ({data.provenance}): perceived distances, {FLAGS.loss}"
    rows = [
        [f"{cell:.5f}" if isinstance(cell, float) else cell for cell in row]
        for row in shown.itertuples()
    ]
    lines = markdown_table([table.index.name, *shown.columns], rows, num_left=1)
    with open(os.path.join(folder, "distances.md"), "w", encoding="utf-8") as file:
        file.write("\n".join([f"# {heading}", "", *lines, ""]))
    path = os.path.join(folder, "cumulative.png")
    plot_cumulative_distances(distances, table, heading, path)
    _write_settings(folder, data, table)


def _write_settings(folder, data, table):
    import gin

    settings = {
        "dataset": data.name,
        "provenance": data.provenance,
        "factor_names": list(data.factor_names),
        "factors_num_values": list(data.factors_num_values),
        "ordering": [name for name in table.index if name != "random"],
        "loss": FLAGS.loss,
        "num_pairs": FLAGS.num_pairs,
        "seed": FLAGS.seed,
        "exhaustive": FLAGS.exhaustive,
        "gin": gin.config_str(),
    }
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)


def _write_overlap(folder, curves):
    from tfdis.plots.perceived_distance import plot_overlap

    curves.to_csv(os.path.join(folder, "overlap.csv"), index=False)
    plot_overlap(curves, os.path.join(folder, "overlap.png"))


def main() -> None:
    """Entry point of `bin/perceived_distance` and `tfdis_perceived_distance`."""
    run_main(_main, define_flags)
