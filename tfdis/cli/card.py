"""Writes a folder to share a run: modules, Keras file, pictures, and a model card with scores and provenance.

bin/card --model_dir=runs/btc --output_dir=cards/btc
bin/card --model_dir=runs/btc --output_dir=cards/btc --licence=cc-by-4.0

The folder can be uploaded as it is, for example by `huggingface-cli upload OWNER/NAME cards/btc`, and
`tfdis.load("cards/btc")` or `tfdis.load("hf://OWNER/NAME")` gives the model.
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
    flags.DEFINE_bool("overwrite", False, "Whether to replace the folder if it is there.")


def _run(_):
    from tfdis.report.card import write_card

    folder = write_card(FLAGS.model_dir, FLAGS.output_dir, FLAGS.licence, FLAGS.overwrite)
    sys.stdout.write(f"{folder}\n")


def main() -> None:
    """Entry point of `bin/card` and `tfdis_card`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
