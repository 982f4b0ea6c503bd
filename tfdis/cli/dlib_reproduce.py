"""Trains and scores a model of one of disentanglement_lib 1.5's studies.

dlib_reproduce --study=unsupervised_study_v1 --model_num=0 --output_directory=output/0

Writes model, visualizations, postprocessed/<p> and metrics/<p>/<m>. The same command started again
goes on where it was stopped. A small trial:

dlib_reproduce --model_num=0 --output_directory=trial --gin_bindings="dataset.name = 'dummy_data'" \
    --gin_bindings="model.training_steps = 10" --evaluation_bindings="mig.num_train = 100"
"""

import os
import sys

from absl import flags

from tfdis.cli.paper_pipeline import define_pipeline_flags
from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of disentanglement_lib's own command, names and defaults, and three more."""
    define_pipeline_flags()
    flags.DEFINE_string("study", "unsupervised_study_v1", "Name of the study.")
    flags.DEFINE_string(
        "output_directory",
        None,
        "Folder to write; {study} and {model_num} in it are replaced. By default "
        "output/{study}/{model_num}, or output with --model_dir.",
    )
    flags.DEFINE_string(
        "model_dir", None, "Folder of a trained model to take instead of training one."
    )
    flags.DEFINE_integer("model_num", 0, "Number of the model in the study.")
    flags.DEFINE_boolean("only_print", False, "Only print the settings.")


def _output_directory() -> str:
    path = FLAGS.output_directory
    if path is None:
        by_number = os.path.join("output", "{study}", "{model_num}")
        path = by_number if FLAGS.model_dir is None else "output"
    return path.replace("{study}", FLAGS.study).replace("{model_num}", str(FLAGS.model_num))


def _print_settings(study) -> None:
    """Prints what disentanglement_lib's command does; the studies print themselves."""
    if FLAGS.model_dir is None:
        study.print_model_config(FLAGS.model_num)
    else:
        sys.stdout.write(f"Model directory (skipped training):\n--\n{FLAGS.model_dir}\n")
    sys.stdout.write("\n")
    study.print_postprocess_config()
    sys.stdout.write("\n")
    study.print_eval_config()
    sys.stdout.flush()


def _main(_) -> None:
    from tfdis.dlib.studies import find_study, model_config

    study = find_study(FLAGS.study)
    model_config(study, FLAGS.model_num)  # Refuses a number that the study does not have.
    _print_settings(study)
    if not FLAGS.only_print:
        from tfdis.dlib import reproduce

        reproduce.reproduce(
            study,
            _output_directory(),
            FLAGS.model_num,
            FLAGS.model_dir,
            FLAGS.overwrite,
            FLAGS.gin_bindings,
            FLAGS.evaluation_bindings,
            FLAGS.keep_codes,
        )


def main() -> None:
    """Runs the command."""
    run_main(_main, define_flags)
