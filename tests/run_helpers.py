"""What tests of several rooms write, read and compare of runs."""

import csv
import json

import numpy as np


def write_step(folder, step, config, results):
    """Writes configuration and results of a step as disentanglement_lib does, below `<folder>/results`."""
    folder = folder / "results" / "json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{step}_config.json").write_text(json.dumps(config))
    (folder / f"{step}_results.json").write_text(json.dumps(results))


def rows_of(path):
    """The rows of a CSV file, each as a dictionary of texts."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def assert_same_weights(model, other):
    """Fails unless two models have the same weights, to the last bit."""
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
