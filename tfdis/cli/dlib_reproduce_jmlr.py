"""Trains a model and computes scores several times, with several numbers of images (arXiv:2010.14766).

dlib_reproduce_jmlr --model_num=17 --random_seed=0 --output_directory=output/17 \
    --scores_list=mig --scores_list=dci --evaluation_num_samples_train=100 \
    --evaluation_num_samples_train=1000

--model_num is the number of a model of the paper's grid (bin/study --study=jmlr_study trains all of it);
--gin_model_config_dir and --gin_model_config_name name a gin file of yours instead. Patterns of gin
files may be below disentanglement_lib's own config folder. The same command started again goes on
where it was stopped.
"""

from absl import flags

from tfdis.cli import paper_pipeline
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_STUDY = "jmlr_study"


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names, and three more."""
    paper_pipeline.define_shared_flags(_STUDY)
    flags.DEFINE_integer("num_eval", 1, "Number of times that the metrics are computed.")
    flags.DEFINE_multi_string(
        "scores_list", [], "Metrics, by the name of their gin file, for all numbers of images."
    )
    flags.DEFINE_multi_string(
        "evaluation_num_samples_train",
        [],
        "Numbers of training images of the metrics in scores_list.",
    )
    flags.DEFINE_integer("random_seed", 0, "Seed of the whole pipeline.")


def _main(_) -> None:
    from tfdis.dlib.paper_steps import jmlr_steps
    from tfdis.dlib.train import train

    sizes = [int(size) for size in FLAGS.evaluation_num_samples_train]
    seed = FLAGS.random_seed
    steps = jmlr_steps(
        seed, *paper_pipeline.step_configs(), FLAGS.num_eval, FLAGS.scores_list, sizes
    )
    trained = paper_pipeline.trained_model_dir()
    model = None if trained else paper_pipeline.model_config(_STUDY, seed)
    paper_pipeline.run(steps, train, model, aggregated=True)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
