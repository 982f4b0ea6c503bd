"""Writes a folder to share a run: modules, Keras file, pictures, and a model card with scores and provenance.

bin/card --model_dir=runs/btc --output_dir=cards/btc
bin/card --model_dir=runs/btc --output_dir=cards/btc --licence=cc-by-4.0 --upload=hf://OWNER/NAME
bin/card --model_dir=runs/btc --output_dir=cards/btc --upload=kaggle://OWNER/MODEL/keras/VARIATION

`tfdis.load("cards/btc")` or, after the upload, `tfdis.load("hf://OWNER/NAME")` gives the model. To upload needs
`pip install huggingface_hub` and once `hf auth login`, or `pip install kagglehub` and its token in the variable
KAGGLE_API_TOKEN.
"""

import sys

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def _define_flags():
    flags.DEFINE_string("model_dir", None, "Folder of a run of bin/train.", required=True)
    flags.DEFINE_string("output_dir", None, "Folder to write.", required=True)
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
        "Whether a repository that is new on Hugging Face is private; a new model of Kaggle is.",
    )
    flags.DEFINE_bool("overwrite", False, "Whether to replace the folder if it is there.")


def _run(_):
    from tfdis.export.places import check_upload, upload
    from tfdis.report.card import write_card

    if FLAGS.upload:
        check_upload(FLAGS.upload)
    folder = write_card(FLAGS.model_dir, FLAGS.output_dir, FLAGS.licence, FLAGS.overwrite)
    sys.stdout.write(f"{folder}\n")
    if FLAGS.upload:
        sys.stdout.write(f"{upload(folder, FLAGS.upload, FLAGS.private, FLAGS.licence)}\n")


def main() -> None:
    """Entry point of `bin/card` and `tfdis_card`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
