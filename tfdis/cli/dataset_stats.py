"""Computes mean and deviation of a data set's images, the constants of standardisation.

bin/dataset_stats --dataset=xysquares
bin/dataset_stats --gin_file=gin/data/smallnorb_training.gin
bin/dataset_stats --dataset=color_dsprites --num_images=50000

The deviation is the mean over images of each image's own unbiased deviation, as in the published
constants, which are printed beside it.
"""

import sys

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags():
    gin_files.define_gin_flags()
    flags.DEFINE_string("dataset", None, "Name of the data set, if no gin file gives it.")
    flags.DEFINE_integer(
        "num_images",
        None,
        "Number of images to draw; by default every image counts once.",
        lower_bound=1,
    )
    flags.DEFINE_integer("seed", 0, "Seed of the random draws.", lower_bound=0)


def _run(_):
    if not FLAGS.gin_file and not FLAGS.dataset:
        raise ValueError("Expected --dataset or --gin_file, for example --dataset=xysquares.")
    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    import gin

    from tfdis.configuration import explaining_names, warn_of_unused
    from tfdis.data.image_statistics import compute_image_statistics
    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.registry import DATA_SETS

    name = [f"dataset.name = '{FLAGS.dataset}'"] if FLAGS.dataset else []
    with explaining_names():
        gin.parse_config_files_and_bindings(FLAGS.gin_file, [*name, *FLAGS.gin_bindings])
    data = get_named_ground_truth_data()
    warn_of_unused()
    mean, std = compute_image_statistics(data, FLAGS.num_images, FLAGS.seed)
    sys.stdout.write(f"{data.name} ({data.provenance})\n")
    sys.stdout.write(f"mean {_text(mean)}\nstd  {_text(std)}\n")
    published = DATA_SETS.facts("standardisation").get(data.name)
    if published:
        sys.stdout.write(
            f"published mean {_text(published.mean)}\npublished std  {_text(published.std)}\n"
        )


def _text(values) -> str:
    return ", ".join(repr(float(value)) for value in values)


def main() -> None:
    """Entry point of `bin/dataset_stats` and `tfdis_dataset_stats`."""
    run_main(_run, _define_flags)
