"""Representations exported from a run folder."""

import os

import numpy as np
import pytest
import tensorflow as tf

from tfdis.export import export_representation
from tfdis.export.postprocess import load_signature
from tfdis.export.results import read_data_set_name, read_gin_bindings


def _represent(folder, images):
    return load_signature(f"{folder}/tfhub", "representation").function(images=tf.constant(images))


def test_mean(run_dir, tmp_path, model, images):
    export_representation(run_dir, str(tmp_path / "mean"))
    outputs = _represent(tmp_path / "mean", images)
    assert set(outputs) == {"default"}
    np.testing.assert_allclose(outputs["default"], model.encoder(images)[0], atol=1e-5)


def test_sampled(run_dir, tmp_path, model, images):
    export_representation(run_dir, str(tmp_path / "s"), "sampled")
    many = np.repeat(images[:1], 20000, axis=0)
    sample = _represent(tmp_path / "s", many)["default"].numpy()
    mean, log_var = (np.array(value)[0] for value in model.encoder(images[:1]))
    variance = np.exp(log_var)
    assert np.all(np.abs(sample.mean(0) - mean) < 5 * np.sqrt(variance / 20000))
    assert np.all(np.abs(sample.var(0) - variance) < 5 * variance * np.sqrt(2 / 20000))


@pytest.mark.long
@pytest.mark.parametrize("representation", ["mean", "sampled"])
def test_tensorflow_1_14_knows_every_op(
    run_dir, tmp_path, representation, read_meta_graph, unknown_to_tensorflow_1_14
):
    export_representation(run_dir, str(tmp_path / "r"), representation)
    meta_graph = read_meta_graph(tmp_path / "r" / "tfhub")
    assert unknown_to_tensorflow_1_14(meta_graph.graph_def) == []


def test_results_name_data_set_and_function(run_dir, tmp_path):
    export_representation(run_dir, str(tmp_path / "s"), "sampled")
    results = str(tmp_path / "s" / "results")
    assert read_data_set_name(results, "postprocess") == "dummy_data"
    bindings = read_gin_bindings(f"{results}/gin/postprocess.gin")
    assert bindings["postprocess.postprocess_fn"] == "@sampled_representation"
    assert sorted(os.listdir(f"{results}/aggregate")) == ["postprocess.json", "train.json"]


def test_bad_input_leaves_no_folder(run_dir, tmp_path):
    target = str(tmp_path / "out")
    with pytest.raises(ValueError, match=r"\['mean', 'sampled'\]"):
        export_representation(run_dir, target, "median")
    with pytest.raises(FileNotFoundError):
        export_representation(str(tmp_path / "nowhere"), target)
    export_representation(run_dir, str(tmp_path / "mean"))
    with pytest.raises(ValueError, match="'gaussian_encoder'.*'representation'"):
        export_representation(str(tmp_path / "mean"), target)
    with pytest.raises(FileExistsError):
        export_representation(run_dir, str(tmp_path / "mean"))
    assert sorted(os.listdir(tmp_path)) == ["mean"]
