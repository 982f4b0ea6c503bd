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


def export_matrix(
    folder, matrix, data_set_name, signature="representation", image_shape=(64, 64, 1)
):
    """Exports images -> images @ matrix as `<folder>/tfhub`, with the results of the step that makes such."""
    import tensorflow as tf

    from tfdis.export import Signature, export_frozen, write_results

    matrix = matrix.astype(np.float32)
    is_representation = signature == "representation"

    def project(images):
        codes = tf.reshape(images, [-1, len(matrix)]) @ matrix
        if is_representation:
            return {"default": codes}
        return {"mean": codes, "logvar": tf.zeros_like(codes)}

    spec = tf.TensorSpec([None, *image_shape], tf.float32)
    export_frozen({signature: Signature(project, {"images": spec})}, str(folder / "tfhub"))
    step = "postprocess" if is_representation else "train"
    write_results(str(folder / "results"), step, {}, f"dataset.name = '{data_set_name}'\n")
