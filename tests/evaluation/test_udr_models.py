"""dlib_udr: folders of models in, UDR or seed consistency out."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from run_helpers import export_matrix

pytest.importorskip("disentanglement_lib")

from tfdis.data.named import get_named_ground_truth_data  # noqa: E402
from tfdis.dlib.scoring.module_codes import ModuleCodes  # noqa: E402
from tfdis.evaluation.seed_consistency import seed_consistency  # noqa: E402
from tfdis.evaluation.udr import udr  # noqa: E402
from tfdis.evaluation.udr_models import compute_udr, evaluate_models  # noqa: E402

CONFIG = "tests/methods/udr/udr_spearman.gin"
CONSISTENCY = Path(__file__).parents[2] / "gin/eval/models/seed_consistency.gin"
SMALL = ["udr_sklearn.num_data_points = 60", "udr_sklearn.batch_size = 20"]
MATRIX = np.random.RandomState(5).normal(size=(64 * 64, 3)).astype(np.float32) / 64.0
# The second model has the first one's codes, turned round; the third has others, and a silent latent.
MATRICES = (MATRIX, -2.0 * MATRIX[:, ::-1], MATRIX @ np.array([[1, 1, 0], [1, -1, 0], [0, 1, 0]]))


def _export(folder, matrix, data_set_name="dummy_data"):
    export_matrix(folder, matrix, data_set_name, "gaussian_encoder")
    return str(folder)


@pytest.fixture(scope="module")
def model_dirs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [_export(folder / str(i), matrix) for i, matrix in enumerate(MATRICES)]


def _expected():
    """The scores from the images themselves, drawn as disentanglement_lib's command draws them."""
    data, state = get_named_ground_truth_data("dummy_data"), np.random.RandomState(0)
    images = np.concatenate([data.sample_observations(20, state) for _ in range(3)])
    codes = [images.reshape(60, -1) @ matrix for matrix in MATRICES]
    return udr(codes, [0.5 * np.mean(c**2, axis=0) for c in codes], "spearman")


@pytest.mark.long
def test_command_writes_the_ranking(start_command, model_dirs, tmp_path):
    bindings = [f"--gin_bindings={line}" for line in SMALL]
    arguments = (f"--model_dirs={','.join(model_dirs)}", "--output_dir=out", *bindings)
    result = start_command("dlib_udr", *arguments, f"--gin_config={CONFIG}", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    results = tmp_path / "out" / "results"
    scores = json.loads((results / "json/evaluation_results.json").read_text())
    expected = _expected()
    for name, value in expected.items():
        for got, wanted in zip(scores[name], value, strict=True):
            np.testing.assert_allclose(got, wanted, atol=2e-3)
    assert scores["model_scores"][2] < min(scores["model_scores"][:2])
    config = json.loads((results / "json/evaluation_config.json").read_text())
    assert config["dataset.name"] == "'dummy_data'"
    assert config["udr_sklearn.correlation_matrix"] == "'spearman'"
    # Bindings and rulers of 80 characters.
    assert (results / "gin/evaluation.gin").stat().st_size < 2000
    assert (results / "gin/train.gin").is_file() and (results / "aggregate").is_dir()
    again = start_command("dlib_udr", *arguments, f"--gin_config={CONFIG}", cwd=tmp_path)
    assert again.returncode == 1 and "error: " in again.stderr and "--overwrite" in again.stderr


@pytest.mark.long
def test_the_second_time_nothing_is_encoded(model_dirs, tmp_path, monkeypatch):
    encode, seen = ModuleCodes.encode, []

    def counting(self, images):
        seen.append(len(images))
        return encode(self, images)

    monkeypatch.setattr(ModuleCodes, "encode", counting)
    dirs = [str(shutil.copytree(path, tmp_path / str(i))) for i, path in enumerate(model_dirs)]
    for path in dirs:
        shutil.rmtree(f"{path}/codes", ignore_errors=True)
    lines = ["dataset.name = 'dsprites_hearts'", *SMALL]

    def scores(name, **options):
        evaluate_models(dirs, str(tmp_path / name), [CONFIG], lines, **options)
        found = json.loads((tmp_path / name / "results/json/evaluation_results.json").read_text())
        return {key: found[key] for key in found if key not in ("elapsed_time", "uuid")}

    plain = scores("plain", keep_codes=False)
    assert not any("codes" in os.listdir(path) for path in dirs)
    assert len(seen) == 3 and sum(seen) <= 180
    assert scores("first") == plain and len(seen) == 6
    assert scores("second") == plain and len(seen) == 6


def test_seed_consistency_of_folders_is_that_of_their_codes(model_dirs, tmp_path):
    lines = [line.replace("udr_sklearn", "seed_consistency") for line in SMALL]
    evaluate_models(model_dirs, str(tmp_path / "out"), [str(CONSISTENCY)], lines)
    results = tmp_path / "out/results/json"
    found = json.loads((results / "evaluation_results.json").read_text())
    data, state = get_named_ground_truth_data("dummy_data"), np.random.RandomState(0)
    images = np.concatenate([data.sample_observations(20, state) for _ in range(3)])
    expected = seed_consistency([images.reshape(60, -1) @ matrix for matrix in MATRICES])
    for name in ("pairwise", "pairwise_same_place"):
        np.testing.assert_allclose(found[name], expected[name], atol=2e-3)
    # The second model has the latents of the first in the other order: those of the middle alone agree.
    assert found["pairwise"][0][1] == pytest.approx(1.0, abs=1e-3)
    assert found["pairwise_same_place"][0][1] < 0.8
    for name, pairs in (("matched", "pairwise"), ("same_place", "pairwise_same_place")):
        for number, row in enumerate(found[pairs]):
            assert found[name][number] == pytest.approx(np.mean(np.delete(row, number)))
    assert np.mean(found["matched"]) == pytest.approx(expected["matched"], abs=2e-3)
    config = json.loads((results / "evaluation_config.json").read_text())
    assert config["seed_consistency.num_data_points"] == "60"
    with pytest.raises(ValueError, match="multiple of seed_consistency.batch_size.*60 and 7"):
        lines[1] = "seed_consistency.batch_size = 7"
        evaluate_models(model_dirs, str(tmp_path / "bad"), [str(CONSISTENCY)], lines)


def test_clear_errors(model_dirs, tmp_path):
    out = str(tmp_path / "out")
    with pytest.raises(ValueError, match="two or more in --model_dirs"):
        evaluate_models(model_dirs[:1], out, [CONFIG])
    with pytest.raises(ValueError, match=r"evaluation\.evaluation_fn, evaluation\.random_seed"):
        evaluate_models(model_dirs, out, [], ["dataset.name = 'auto'"])
    other = _export(tmp_path / "other", MATRIX, "dsprites_full")
    with pytest.raises(ValueError, match="one data set.*dummy_data.*dsprites_full"):
        evaluate_models([model_dirs[0], other], out, [CONFIG])
    with pytest.raises(ValueError, match="multiple of udr_sklearn.batch_size.*60 and 7"):
        evaluate_models(model_dirs, out, [CONFIG], [SMALL[0], "udr_sklearn.batch_size = 7"])
    with pytest.raises(FileNotFoundError, match="which lacks tfhub"):
        evaluate_models([model_dirs[0], str(tmp_path)], out, [CONFIG])
    assert not os.path.exists(out)


def test_raw_correlations_can_be_left_out():
    data = get_named_ground_truth_data("dummy_data")

    def represent(images):
        flat = images.reshape(len(images), -1) @ MATRIX
        return flat, np.zeros_like(flat)

    state = np.random.RandomState(0)
    scores = compute_udr(data, [represent] * 2, state, 10, 30, include_raw_correlations=False)
    assert set(scores) == {"model_scores", "pairwise_disentanglement_scores"}
