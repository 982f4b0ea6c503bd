"""bin/validate: folders of representations in, a ranking by few labels out; and overlaps refused."""

import json

import numpy as np
import pytest
from run_helpers import export_matrix

pytest.importorskip("disentanglement_lib")

from tfdis.data.named import get_named_ground_truth_data  # noqa: E402
from tfdis.data.streams.labelled_points import (  # noqa: E402
    sample_labelled_points,
    split_points,
    write_points,
)
from tfdis.evaluation import score  # noqa: E402
from tfdis.evaluation.few_labels import validate_models  # noqa: E402
from tfdis.export import write_results  # noqa: E402
from tfdis.training.supervision import POINTS_FILE  # noqa: E402

CONFIGS = "tests/validation/validation_test_configs"
CONFIG = f"{CONFIGS}/mig.gin"
FEW = ["validation.num_labelled_samples = 200"]
NOISE = np.random.RandomState(5).normal(size=(64 * 64, 3)) / 64.0


def _positions():
    """Matrix from images to the mean column and row of their white pixels, times their number."""
    rows, columns = np.divmod(np.arange(64 * 64), 64)
    return np.stack([columns - 32, rows - 32, np.ones(64 * 64)], axis=1) / 64.0


def _export(folder, matrix, data_set="dsprites_hearts"):
    write_results(str(folder / "results"), "train", {}, f"dataset.name = '{data_set}'\n")
    export_matrix(folder, matrix, data_set)
    return folder


@pytest.fixture
def input_dirs(tmp_path):
    return [_export(tmp_path / "noise", NOISE), _export(tmp_path / "positions", _positions())]


def _learned(folder, seed, train_percentage=0.9, num=100):
    data = get_named_ground_truth_data("dsprites_hearts")
    points = sample_labelled_points(data, num, seed)
    training, _ = split_points(points, train_percentage)
    write_points(folder / POINTS_FILE, points, len(training), seed)
    return points


@pytest.mark.long
def test_the_better_representation_comes_first(start_command, input_dirs, tmp_path):
    listed = ",".join(str(folder) for folder in input_dirs)
    arguments = [f"--input_dirs={listed}", "--output_dir=out", f"--gin_bindings={FEW[0]}"]
    result = start_command("validate", *arguments, f"--gin_config={CONFIG}", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    first, second = result.stdout.splitlines()
    assert first.endswith("positions") and second.endswith("noise")
    ranking = json.loads((tmp_path / "out/ranking.json").read_text())
    data = get_named_ground_truth_data("dsprites_hearts")
    points = sample_labelled_points(data, 200, seed=0)
    codes = (points.images.reshape(200, -1) / 255.0) @ _positions()
    expected = score(codes, points.labels, ["mig"])["mig/discrete_mig"]
    assert ranking[0]["score"] == pytest.approx(expected, abs=0.02)  # A code may change its bin.
    saved = json.loads((tmp_path / "out/1/results/json/validation_results.json").read_text())
    assert saved["discrete_mig"] == ranking[0]["score"]
    config = json.loads((tmp_path / "out/1/results/json/validation_config.json").read_text())
    assert config["dataset.name"] == "'dsprites_hearts'"
    bad = {
        "at least one folder": ["--input_dirs="],
        "Expected a gin file": ["--gin_config=absent.gin"],
        "does not exist": ["--input_dirs=absent"],
    }
    for message, flags in bad.items():
        result = start_command("validate", *arguments, "--output_dir=new", *flags, cwd=tmp_path)
        (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert result.returncode == 1 and message in line


@pytest.mark.parametrize("metric", ["sap_score", pytest.param("dci", marks=pytest.mark.exhaustive)])
def test_other_metrics_rank_too(metric, input_dirs, tmp_path):
    ranking = validate_models(input_dirs, str(tmp_path / "out"), [f"{CONFIGS}/{metric}.gin"], FEW)
    assert ranking[0]["input_dir"].endswith("positions")
    assert ranking[0]["score"] > ranking[1]["score"]


@pytest.mark.long
def test_images_that_a_model_learned_from_are_left_out(input_dirs, tmp_path, caplog):
    learned = _learned(input_dirs[0], seed=7, num=300)
    validate_models(input_dirs, str(tmp_path / "out"), [CONFIG], FEW)
    data = get_named_ground_truth_data("dsprites_hearts")
    points = sample_labelled_points(data, 200, seed=0)
    known = {tuple(row) for row in learned.factors[:270].tolist()}
    num = sum(tuple(row) in known for row in points.factors.tolist())
    assert num > 0 and f"{num} of 200 labelled images are left out" in caplog.text


@pytest.mark.long
def test_the_images_that_a_model_learned_from_are_refused(input_dirs, tmp_path):
    _learned(input_dirs[1], seed=0)
    with pytest.raises(ValueError, match="random_seed = 0, the seed of those that .*positions"):
        validate_models(input_dirs, str(tmp_path / "out"), [CONFIG], FEW)
    assert not (tmp_path / "out").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (["validation.num_labelled_samples = 0"], "from 1 to 1536.*Received: 0"),
        (["validation.num_labelled_samples = 5000"], "from 1 to 1536.*Received: 5000"),
        (["dataset.name = 'shapes_of_mine'"], "shapes_of_mine"),
    ],
)
def test_bad_input_is_one_clear_error(input_dirs, tmp_path, bindings, message):
    with pytest.raises(ValueError, match=message):
        validate_models(input_dirs, str(tmp_path / "out"), [CONFIG], bindings)


@pytest.mark.long
def test_missing_options_and_models_of_different_data_sets_are_one_clear_error(tmp_path):
    one, other = _export(tmp_path / "a", NOISE), _export(tmp_path / "b", NOISE, "dsprites_full")
    with pytest.raises(ValueError, match="validation.validation_fn.*Received none"):
        validate_models([one], str(tmp_path / "out"), [], FEW)
    with pytest.raises(ValueError, match="models of one data set"):
        validate_models([one, other], str(tmp_path / "out"), [CONFIG], FEW)
