"""Draws a run: latent traversals, reconstructions and loss curves.

bin/visualize --model_dir=runs/btc
bin/visualize --model_dir=runs/btc --output_dir=pictures --num_images=24 --seed=1 --overwrite

Writes traversals.png, traversals.gif, reconstructions.png and, if the run has a training log,
curves.png; score_curves.png if it was scored while it trained. The pictures show images that are drawn from
the run's own data set. The same command started again leaves them as they are.
"""

import sys

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags():
    flags.DEFINE_string("model_dir", None, "Folder of a run of bin/train.", required=True)
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


def _run(_):
    from tfdis.plots.run import plot_run

    arguments = (FLAGS.output_dir, FLAGS.num_images, FLAGS.seed, FLAGS.overwrite)
    for path in plot_run(FLAGS.model_dir, *arguments):
        sys.stdout.write(f"{path}\n")


def main() -> None:
    """Entry point of `bin/visualize` and `tfdis_visualize`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
