"""Writes a folder to share a run: modules, Keras file, pictures, and a model card with scores and provenance.

bin/card runs/btc
bin/card --model_dir=runs/btc --output_dir=cards/btc --licence=cc-by-4.0 --upload=hf://OWNER/NAME
bin/card --model_dir=runs/btc --output_dir=cards/btc --upload=kaggle://OWNER/MODEL/keras/VARIATION

The folder is cards/<name of the run>, unless --output_dir names another.
`tfdis.load("cards/btc")` or, after the upload, `tfdis.load("hf://OWNER/NAME")` gives the model. To upload needs
`pip install huggingface_hub` and once `hf auth login`, or `pip install kagglehub` and its token in the variable
KAGGLE_API_TOKEN.
"""

import os
import sys

from absl import flags

from tfdis.cli.run import define_model_dir, named_run, run_main

FLAGS = flags.FLAGS


def _define_flags():
    define_model_dir()
    flags.DEFINE_string("output_dir", None, "Folder to write; by default cards/NAME of the run.")
    flags.DEFINE_string(
        "licence", "apache-2.0", "Licence of the weights, as Hugging Face spells it."
    )
    flags.DEFINE_string(
        "upload",
        None,
        "Where to upload the folder, hf://OWNER/NAME or kaggle://OWNER/MODEL/keras/VARIATION.",
    )
    flags.DEFINE_bool(
        "private",
        False,
        "Whether a repository that is new on Hugging Face is private; a new model on Kaggle always is.",
    )
    flags.DEFINE_bool("overwrite", False, "Whether to replace the folder if it is there.")


def _run(arguments):
    run = named_run(arguments, "card")
    from tfdis.export.run import Run

    Run.open(run)  # Refuses a wrong folder before TensorFlow is imported.
    from tfdis.export.places import check_upload, upload

    output_dir = FLAGS.output_dir or os.path.join("cards", _name_of(run))
    if FLAGS.upload:
        check_upload(FLAGS.upload)
    from tfdis.report.card import write_card

    folder = write_card(run, output_dir, FLAGS.licence, FLAGS.overwrite)
    sys.stdout.write(f"{folder}\n")
    if FLAGS.upload:
        sys.stdout.write(f"{upload(folder, FLAGS.upload, FLAGS.private, FLAGS.licence)}\n")


def _name_of(run):
    """Name of a run: of its folder or, in the layout of studies, of the point that has the folder `model`."""
    path = os.path.abspath(run)
    return os.path.basename(os.path.dirname(path) if path.endswith(f"{os.sep}model") else path)


def main() -> None:
    """Entry point of `bin/card` and `tfdis_card`."""
    run_main(_run, _define_flags, takes_names=True)
