"""Trains a model with few labels, and scores it on many and on few labels (arXiv:1905.01258).

dlib_reproduce_semi_supervised --model_num=17 --pipeline_seed=0 --eval_seed=0 --output_directory=output/17

--model_num is the number of a model of the paper's grid (bin/study --study=semi_supervised_study trains
all of it), with its labels; --gin_model_config_dir and --gin_model_config_name name a gin file of yours
instead, and --supervised_seed=0 --num_labelled_samples=100 --train_percentage=0.9
--labeller_fn=@perfect_labeller say which labels. Patterns of gin files may be below
disentanglement_lib's own config folder. The same command started again goes on where it was stopped.
"""

import os

from absl import flags

from tfdis.cli import paper_pipeline
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_STUDY = "semi_supervised_study"
# Flag -> gin name of what it sets.
_LABELS = {
    "supervised_seed": "model.supervised_data_seed",
    "num_labelled_samples": "model.num_labelled_samples",
    "train_percentage": "model.train_percentage",
    "labeller_fn": "labeller.labeller_fn",
}


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, with their names, and four more."""
    paper_pipeline.define_shared_flags(_STUDY)
    flags.DEFINE_string(
        "gin_validation_config_glob",
        None,
        "Pattern of gin files, one for each score on few labels; by default disentanglement_lib's own.",
    )
    flags.DEFINE_integer("pipeline_seed", 0, "Seed of training and representations.")
    flags.DEFINE_integer("eval_seed", 0, "Seed of the metrics.")
    flags.DEFINE_integer("supervised_seed", None, "Seed of the labelled images.")
    flags.DEFINE_integer("num_labelled_samples", None, "Number of labelled images.")
    flags.DEFINE_float("train_percentage", None, "Fraction of the labelled images to learn from.")
    flags.DEFINE_string("labeller_fn", None, "Labeller, for example @perfect_labeller.")
    flags.DEFINE_integer(
        "validation_seed",
        None,
        "Seed of the labelled images of the validation, by default supervised_seed + 1: a model is not "
        "validated on labels that it learned from.",
    )


def _labels(lines: list[str] | None) -> dict[str, str]:
    """Values of `_LABELS` by flag, as text: those of a trained model, of a model's lines, or of the flags."""
    from tfdis.configuration import parse_gin_bindings
    from tfdis.export.results import read_gin_bindings

    given = {flag: str(FLAGS[flag].value) for flag in _LABELS if FLAGS[flag].value is not None}
    if lines is None:
        path = os.path.join(paper_pipeline.trained_model_dir(), "results", "gin", "train.gin")
        bound, source = read_gin_bindings(path), path
    else:
        bound, source = parse_gin_bindings("\n".join(lines)), "the model of --model_num"
    if lines is not None and FLAGS.model_num is None:
        bound, source = {_LABELS[flag]: value for flag, value in given.items()}, "the flags"
    elif given:
        raise ValueError(
            f"Expected the labels of {source} alone. Received: {', '.join(f'--{flag}' for flag in given)}, "
            "which are for a gin file. Leave them out."
        )
    missing = [flag for flag, name in _LABELS.items() if name not in bound]
    if missing:
        raise ValueError(
            f"Expected values of {', '.join(f'--{flag}' for flag in missing)} in {source}. Received none."
        )
    return {flag: bound[name] for flag, name in _LABELS.items()}


def _main(_) -> None:
    from tfdis.dlib.configs import find_configs
    from tfdis.dlib.paper_steps import Labels, semi_steps
    from tfdis.dlib.semi import train_semi_supervised
    from tfdis.evaluation.few_labels import validate_models
    from tfdis.sweeps.papers_of_dlib import VALIDATION_CONFIGS

    seed = FLAGS.pipeline_seed
    trained = paper_pipeline.trained_model_dir()
    model = None if trained else paper_pipeline.model_config(_STUDY, seed)
    found = _labels(model and model[1])
    labels = Labels(
        int(found["supervised_seed"]),
        int(found["num_labelled_samples"]),
        float(found["train_percentage"]),
        found["labeller_fn"],
    )
    validation_seed = FLAGS.validation_seed
    steps = semi_steps(
        seed,
        FLAGS.eval_seed,
        labels,
        *paper_pipeline.step_configs(),
        find_configs(FLAGS.gin_validation_config_glob or VALIDATION_CONFIGS),
        labels.supervised_seed + 1 if validation_seed is None else validation_seed,
    )
    paper_pipeline.run(
        steps, train_semi_supervised, model, aggregated=True, validate=validate_models
    )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
