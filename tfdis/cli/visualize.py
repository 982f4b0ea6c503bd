"""Draws a run: latent traversals, reconstructions and loss curves.

bin/visualize runs/btc
bin/visualize --model_dir=runs/btc --output_dir=pictures --num_images=24 --seed=1 --overwrite
bin/visualize --contact_sheet=sheet.png runs/study

Writes traversals.png, traversals.gif, reconstructions.png and, if the run has a training log,
curves.png; score_curves.png if it was scored while it trained; condition_traversals.png and .gif for
conditional models, whose label changes there. The contact sheet has one row for each model below the
folders. The pictures show images that are drawn from the run's own data set. The same command started again
leaves them as they are.
"""

import sys

from absl import flags

from tfdis.cli.run import define_model_dir, named_run, run_main

FLAGS = flags.FLAGS


def _define_flags():
    define_model_dir()
    flags.DEFINE_string(
        "contact_sheet",
        None,
        "PNG file for one picture of all models below the folders that follow.",
    )
    flags.DEFINE_string(
        "output_dir",
        None,
        "Folder to write to. By default `visualizations` in the run's folder, or beside it if that is "
        "called `model`, as in disentanglement_lib's layout.",
    )
    flags.DEFINE_integer(
        "num_images",
        16,
        "Number of images among the reconstructions.",
        lower_bound=1,
        upper_bound=1000,
    )
    flags.DEFINE_integer("seed", 0, "Seed that chooses the images.", lower_bound=0)
    flags.DEFINE_bool("overwrite", False, "Whether to replace pictures that are there.")


def _run(arguments):
    if FLAGS.contact_sheet:
        folders = arguments[1:]
        if FLAGS.model_dir or not folders:
            raise ValueError(
                "Expected --contact_sheet=FILE.png FOLDERS... Received: "
                f"{' '.join(folders) or 'no folders'}, --model_dir={FLAGS.model_dir}."
            )
        from tfdis.plots.contact_sheet import find_models, plot_contact_sheet

        models = find_models(folders)
        path = plot_contact_sheet(
            models, FLAGS.contact_sheet, seed=FLAGS.seed, overwrite=FLAGS.overwrite
        )
        sys.stdout.write(f"{path}\n")
        return
    from tfdis.export.run import Run

    run = named_run(arguments, "visualize")
    Run.open(run)  # Refuses a wrong folder before TensorFlow is imported.
    from tfdis.plots.run import plot_run

    options = (FLAGS.output_dir, FLAGS.num_images, FLAGS.seed, FLAGS.overwrite)
    for path in plot_run(run, *options):
        sys.stdout.write(f"{path}\n")


def main() -> None:
    """Entry point of `bin/visualize` and `tfdis_visualize`."""
    run_main(_run, _define_flags, takes_names=True)
