"""Files that tfdis 0.1.0 wrote are still read: Keras files, a run, its modules, scores and data store.

The folder version_0_1 was written by that version: one Keras file per model, with tiny networks on images
of 8x8 pixels and weights that are multiples of .001, and keras.json, what that version computed with them;
the run of `bin/train --gin_file=tiny.gin --model_dir=run` (6 steps of a beta-TCVAE on 24 images) after
`bin/evaluate --model_dir=run --metrics=mig`; its data store in cache/; and the weights after 6 steps and
after 12.
"""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import marked

import tfdis.models
import tfdis.training.optimizers  # noqa: F401

WRITTEN = Path(__file__).parent / "version_0_1"
EXPECTED = json.loads((WRITTEN / "keras.json").read_text())
IMAGES = np.load(WRITTEN / "images.npy")


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A copy of the old version's folder, as working directory and with its data store."""
    folder = shutil.copytree(WRITTEN, tmp_path / "old")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TFDIS_DATA", str(folder / "cache"))
    return folder


def weights_in(path):
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


@pytest.mark.long
# The autoencoder's encoder takes a list of one tensor.
@pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning")
@pytest.mark.parametrize("name", [marked(name) for name in sorted(EXPECTED)])
def test_keras_files_hold_the_same_model(name):
    expected = EXPECTED[name]
    model = keras.models.load_model(WRITTEN / "keras" / f"{name}.keras")
    total = sum(np.abs(np.asarray(v, "float64")).sum() for v in model.trainable_variables)
    np.testing.assert_allclose(total, expected["sum_of_weights"], rtol=1e-6)
    if "mean" in expected:
        mean, log_var = model.encoder(IMAGES)
        np.testing.assert_allclose(mean, expected["mean"], atol=1e-6)
        np.testing.assert_allclose(log_var, expected["log_var"], atol=1e-6)
    if "decoded" in expected:
        decoded = np.ravel(model.decode(tf.constant([[0.5, -1.0]])))[:8]
        np.testing.assert_allclose(decoded, expected["decoded"], atol=1e-6)


def test_every_model_of_that_version_has_a_file():
    assert {path.stem for path in (WRITTEN / "keras").iterdir()} == set(EXPECTED)
    assert len(EXPECTED) == 15


@pytest.mark.long
def test_a_run_goes_on_from_its_checkpoint(old, start_command):
    result = start_command(
        "train",
        "--gin_file=tiny.gin",
        "--model_dir=run",
        "--gin_bindings=model.training_steps = 12",
        cwd=old,
    )
    assert result.returncode == 0, result.stderr
    model = keras.models.load_model(old / "run/model.keras")
    for found, expected in zip(model.weights, weights_in("weights_after_12.npz"), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    steps = [line.split(",")[0] for line in Path("run/training_log.csv").read_text().splitlines()]
    assert steps == ["step", "2", "4", "6", "8", "10", "12"]


@pytest.mark.long
def test_a_finished_run_is_done(old, start_command):
    results = Path("run/results/json/train_results.json").read_text()
    result = start_command("train", "--gin_file=tiny.gin", "--model_dir=run", cwd=old)
    assert result.returncode == 0, result.stderr
    assert Path("run/results/json/train_results.json").read_text() == results


def test_its_exports_agree(old):
    model = keras.models.load_model("run/model.keras")
    for found, expected in zip(model.weights, weights_in("weights_after_6.npz"), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    mean = model.encoder(IMAGES)[0]
    frozen = tf.saved_model.load("run/tfhub").signatures["gaussian_encoder"]
    trainable = tf.saved_model.load("run/saved_model").signatures["gaussian_encoder"]
    images = tf.constant(IMAGES)
    np.testing.assert_allclose(frozen(images=images)["mean"], mean, atol=1e-5)
    np.testing.assert_allclose(trainable(images=images)["mean"], mean, atol=1e-5)


@pytest.mark.long
def test_its_scores_are_kept_and_others_are_added(old, start_command):
    path = Path("run/metrics/mean/mig/results/json/evaluation_results.json")
    kept = path.read_text()
    result = start_command("evaluate", "--model_dir=run", "--metrics=sap", cwd=old)
    assert result.returncode == 0, result.stderr
    assert path.read_text() == kept
    assert Path("run/metrics/mean/sap_score/results/json/evaluation_results.json").is_file()


@pytest.mark.long
def test_its_report_shows_the_run(old, start_command):
    result = start_command("report", "run", "--output_dir=report", cwd=old)
    assert result.returncode == 0, result.stderr
    score = json.loads(
        Path("run/metrics/mean/mig/results/json/evaluation_results.json").read_text()
    )
    table = Path("report/runs.csv").read_text()
    assert str(score["discrete_mig"]) in table
