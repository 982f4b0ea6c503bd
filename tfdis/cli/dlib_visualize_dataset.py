"""Shows a data set's factors, with disentanglement_lib 1.5's own code.

dlib_visualize_dataset --name=dsprites_full --path=dataset_visualizations

Writes <path>/<name>/variations_of_factor<i>.png, 16 images each in which only one factor varies,
animation<i>.gif, and tfdis's sheet.png with one row for each factor.
"""

import os
import tempfile

from absl import flags

from tfdis.cli import gin_files
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags():
    flags.DEFINE_string("name", "dsprites_full", "Name of the data set to draw.")
    flags.DEFINE_string("path", "dataset_visualizations", "Folder in which to save the pictures.")
    gin_files.define_gin_flags()
    flags.DEFINE_bool("overwrite", False, "Whether to replace the folder if it is there.")


def _run(_):
    import gin

    from tfdis.configuration import explaining_names, warn_of_unused
    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.dlib.visualize import visualize_dataset
    from tfdis.files.whole import check_vacant, written_whole
    from tfdis.plots.dataset_sheet import plot_dataset_sheet

    gin_files.check_gin_files(FLAGS.gin_file)
    gin_files.add_search_paths()
    with explaining_names():
        gin.parse_config_files_and_bindings(FLAGS.gin_file, FLAGS.gin_bindings)
    folder = os.path.join(FLAGS.path, FLAGS.name)
    check_vacant(folder, FLAGS.overwrite)
    data = get_named_ground_truth_data(FLAGS.name)
    warn_of_unused()
    os.makedirs(FLAGS.path, exist_ok=True)
    with (
        written_whole(folder, FLAGS.overwrite) as partial,
        tempfile.TemporaryDirectory(dir=FLAGS.path) as temporary,
    ):
        pictures = visualize_dataset(FLAGS.name, temporary)
        plot_dataset_sheet(data, os.path.join(pictures, "sheet.png"))
        os.rename(pictures, partial)


def main() -> None:
    """Entry point of `bin/dlib_visualize_dataset` and `dlib_visualize_dataset`."""
    run_main(_run, _define_flags)
