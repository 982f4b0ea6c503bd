"""Trains models of disentanglement_lib's study with itself, on CPython 3.7; started by dlib_training.py.

old/bin/python benchmarks/old_dlib.py OUTPUT_DIR NUMBERS BINDING...
"""

import os
import sys

from disentanglement_lib.config.unsupervised_study_v1 import sweep
from disentanglement_lib.data.ground_truth import dsprites
from disentanglement_lib.methods.unsupervised import train


def _read_once():
    """Lets all models share one copy of the images, which are three gigabytes and take seconds to unpack."""
    original, kept = dsprites.DSprites, []

    def dsprites_full(*arguments):
        if not kept:
            kept.append(original(*arguments))
        return kept[0]

    dsprites.DSprites = dsprites_full


def main(output_dir, numbers, *bindings):
    """Trains each model in the folder of its number, unless it is there."""
    _read_once()
    study = sweep.UnsupervisedStudyV1()
    for number in numbers.split(","):
        folder = os.path.join(output_dir, number)
        if not os.path.isdir(os.path.join(folder, "results")):
            own, file = study.get_model_config(int(number))
            train.train_with_gin(folder, True, [file], [*own, *bindings])


if __name__ == "__main__":
    main(*sys.argv[1:])
