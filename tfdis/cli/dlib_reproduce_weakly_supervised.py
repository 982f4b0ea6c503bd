"""Trains and scores a model of pairs of images (arXiv:2002.02886).

dlib_reproduce_weakly_supervised --model_num=17 --pipeline_seed=0 --output_directory=output/17

--model_num is the number of a model of the paper's grid (bin/study --study=weakly_supervised_study
trains all of it); --gin_model_config_dir and --gin_model_config_name name a gin file of yours instead.
Patterns of gin files may be below disentanglement_lib's own config folder. The same command started
again goes on where it was stopped.
"""

from absl import flags

from tfdis.cli import paper_pipeline
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_STUDY = "weakly_supervised_study"
_UNUSED = (
    "gin_validation_config_glob",
    "eval_seed",
    "supervised_seed",
    "num_labelled_samples",
    "train_percentage",
    "labeller_fn",
)


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names, and three more."""
    paper_pipeline.define_shared_flags(_STUDY)
    flags.DEFINE_integer("pipeline_seed", 0, "Seed of the whole pipeline.")
    unused = "Has no effect, as in disentanglement_lib."
    flags.DEFINE_string("gin_validation_config_glob", None, unused)
    flags.DEFINE_integer("eval_seed", None, unused)
    flags.DEFINE_integer("supervised_seed", None, unused)
    flags.DEFINE_integer("num_labelled_samples", None, unused)
    flags.DEFINE_float("train_percentage", None, unused)
    flags.DEFINE_string("labeller_fn", None, unused)


def _main(_) -> None:
    from absl import logging

    from tfdis.dlib.paper_steps import weak_steps
    from tfdis.dlib.weak import train_weakly_supervised

    given = [f"--{name}" for name in _UNUSED if FLAGS[name].value is not None]
    if given:
        logging.warning("Without effect, as in disentanglement_lib: %s.", ", ".join(given))
    seed = FLAGS.pipeline_seed
    trained = paper_pipeline.trained_model_dir()
    steps = weak_steps(seed, *paper_pipeline.step_configs(), trained is not None)
    model = None if trained else paper_pipeline.model_config(_STUDY, seed)
    paper_pipeline.run(steps, train_weakly_supervised, model)


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
