"""disentanglement_lib's metric and postprocessing files, run through the bridge."""

import json
import os

import gin
import numpy as np
import pytest
from one_of_each_kind import case

import tfdis.dlib
from tfdis.dlib import commands
from tfdis.export.results import read_gin_bindings, write_results

METRICS = "unsupervised_study_v1/metric_configs"
# Gin file -> (bindings that make it small, a score that it must report).
FILES = {
    f"{METRICS}/beta_vae_sklearn.gin": (
        ["num_train = 20", "num_eval = 20", "batch_size = 4"],
        "eval_accuracy",
    ),
    f"{METRICS}/dci.gin": (["num_train = 30", "num_test = 20"], "disentanglement"),
    f"{METRICS}/downstream_task_boosted_trees.gin": (
        ["num_train = [30]", "num_test = 20"],
        "30:mean_test_accuracy",
    ),
    f"{METRICS}/downstream_task_logistic_regression.gin": (
        ["num_train = [60]", "num_test = 20"],
        "60:mean_test_accuracy",
    ),
    f"{METRICS}/factor_vae_metric.gin": (
        ["num_variance_estimate = 50", "num_train = 20", "num_eval = 20", "batch_size = 4"],
        "eval_accuracy",
    ),
    f"{METRICS}/mig.gin": (["num_train = 100"], "discrete_mig"),
    f"{METRICS}/modularity_explicitness.gin": (
        ["num_train = 100", "num_test = 50"],
        "modularity_score",
    ),
    f"{METRICS}/sap_score.gin": (["num_train = 50", "num_test = 50"], "SAP_score"),
    f"{METRICS}/unsupervised.gin": (["num_train = 100"], "gaussian_total_correlation"),
    "sample/irs/irs.gin": (["num_train = 100"], "IRS"),
}


def _configurable(path):
    """The metric's gin name: dlib writes it as the value of evaluation.evaluation_fn."""
    with open(tfdis.dlib.find_config(path)) as file:
        line = next(line for line in file if line.startswith("evaluation.evaluation_fn"))
    return line.partition("@")[2].strip()


def _scores(folder):
    with open(folder / "results" / "json" / "evaluation_results.json") as file:
        return json.load(file)


@pytest.fixture(scope="module")
def representation(export_projection):
    return str(export_projection("dummy_data"))


def test_every_metric_file_of_the_study_is_in_the_list():
    folder = os.path.dirname(tfdis.dlib.find_config(f"{METRICS}/mig.gin"))
    assert sorted(os.listdir(folder)) == sorted(
        os.path.basename(path) for path in FILES if path.startswith(METRICS)
    )


# For the others, scoring/test_encode_once.py proves that they run, and with which scores.
FOR_ALL = {f"{METRICS}/{name}.gin" for name in ("dci", "factor_vae_metric", "mig")}


@pytest.mark.long
@pytest.mark.parametrize("path", [case(path in FOR_ALL, path) for path in FILES])
@pytest.mark.filterwarnings("ignore")
def test_metric_file_runs(path, representation, tmp_path, monkeypatch):
    unused = []
    monkeypatch.setattr(commands, "warn_of_unused", unused.append)
    small, score = FILES[path]
    name = _configurable(path)
    bindings = [f"{name}.{binding}" for binding in small] + ["fairness.num_train = 7"]
    tfdis.dlib.evaluate(representation, str(tmp_path / "m"), [path], bindings)
    assert [list(names) for names in unused] == [["fairness.num_train"]]
    scores = _scores(tmp_path / "m")
    assert np.isfinite(scores[score])
    assert scores["elapsed_time"] > 0 and scores["uuid"]
    assert os.listdir(tmp_path) == ["m"]
    written = (tmp_path / "m" / "results" / "gin" / "evaluation.gin").read_text()
    assert "dataset.name = 'dummy_data'" in written


def test_a_score_that_is_not_a_number_is_written(tmp_path):
    tfdis.dlib.install()
    from disentanglement_lib.utils import results

    results.update_result_directory(str(tmp_path / "r"), "evaluation", {"mig": np.float64("nan")})
    with open(tmp_path / "r" / "json" / "evaluation_results.json") as file:
        assert np.isnan(json.load(file)["mig"])


@pytest.mark.long
@pytest.mark.parametrize("name", ["mean", "sampled"])
def test_postprocess(name, export_projection, tmp_path, monkeypatch):
    from tfdis.dlib.stack.hub_module import eval_function_for_module

    model = export_projection("dummy_data", signature="gaussian_encoder")
    target = tmp_path / name
    path = f"unsupervised_study_v1/postprocess_configs/{name}.gin"
    unused = []
    monkeypatch.setattr(commands, "warn_of_unused", unused.append)
    tfdis.dlib.postprocess(str(model), str(target), [path])
    assert unused == [{}]
    images = np.random.RandomState(0).random_sample((1, 64, 64, 1)).repeat(500, axis=0)
    with eval_function_for_module(str(model / "tfhub")) as f:
        mean = f({"images": images}, "gaussian_encoder", as_dict=True)["mean"]
    with eval_function_for_module(str(target / "tfhub")) as f:
        codes = f({"images": images}, "representation")
    # The module's log variance is 0.
    spread = {"mean": 0.0, "sampled": 1.0}[name]
    np.testing.assert_allclose(codes.std(axis=0), spread, atol=0.2)
    np.testing.assert_allclose(codes.mean(axis=0), mean[0], atol=5 * spread / 500**0.5 + 1e-4)
    assert (target / "results" / "gin" / "postprocess.gin").exists()
    # What was postprocessed here can be scored here.
    tfdis.dlib.evaluate(
        str(target), str(tmp_path / "mig"), [f"{METRICS}/mig.gin"], ["mig.num_train = 50"]
    )
    assert 0 <= _scores(tmp_path / "mig")["discrete_mig"] <= 1


MIG = [f"{METRICS}/mig.gin"]
SMALL = ["mig.num_train = 50"]


@pytest.mark.long
def test_the_same_seed_gives_the_same_score(representation, tmp_path):
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        bindings = [*SMALL, f"evaluation.random_seed = {seed}"]
        tfdis.dlib.evaluate(representation, str(tmp_path / folder), MIG, bindings)
    first, second, other = (_scores(tmp_path / name)["discrete_mig"] for name in "abc")
    assert first == second != other


@pytest.mark.long
def test_failure_leaves_folders_and_gin_as_they_were(representation, export_projection, tmp_path):
    target = tmp_path / "m"
    tfdis.dlib.evaluate(representation, str(target), MIG, SMALL)
    before = _scores(target)
    other_size = str(export_projection("dummy_data", image_shape=(8, 8, 1)))
    encoder = str(export_projection("dummy_data", signature="gaussian_encoder"))
    nowhere = str(tmp_path / "nowhere")
    cases = [
        (representation, MIG, SMALL, False, FileExistsError, "exists"),
        (representation, MIG, ["mig.num_trains = 1"], True, ValueError, "num_trains"),
        (representation, MIG, ["migg.num_train = 1"], True, ValueError, "migg"),
        (representation, [nowhere], [], True, FileNotFoundError, "nowhere"),
        (representation, MIG, ["dataset.name = 'dspritez'"], True, ValueError, "dspritez"),
        (nowhere, MIG, SMALL, True, FileNotFoundError, "nowhere/tfhub"),
        (other_size, MIG, SMALL, True, ValueError, r"\(None, 8, 8, 1\).*\(50, 64, 64, 1\)"),
        (
            encoder,
            MIG,
            SMALL,
            True,
            ValueError,
            "signature 'representation'.*gaussian_encoder.*Fix: .*dlib_postprocess",
        ),
    ]
    for input_dir, files, bindings, overwrite, error, message in cases:
        with pytest.raises(error, match=message):
            tfdis.dlib.evaluate(input_dir, str(target), files, bindings, overwrite)
        assert _scores(target) == before
        assert os.listdir(tmp_path) == ["m"]
        assert gin.config_str() == ""
    tfdis.dlib.evaluate(representation, str(target), MIG, SMALL, overwrite=True)
    assert _scores(target)["uuid"] != before["uuid"]


@pytest.mark.long
def test_the_data_sets_options_come_with_its_name(export_projection, tmp_path):
    """A run on XYSquares of spacing 4 is scored on spacing 4, though dlib passes on the name only."""
    folder = export_projection("xysquares", (64, 64, 3))
    config = "dataset.name = 'xysquares'\nxysquares.grid_spacing = 4\n"
    write_results(str(folder / "results"), "postprocess", {}, config)
    small = ["mig.num_train = 60"]
    tfdis.dlib.evaluate(str(folder), str(tmp_path / "own"), [f"{METRICS}/mig.gin"], small)
    used = read_gin_bindings(str(tmp_path / "own" / "results" / "gin" / "evaluation.gin"))
    assert used["xysquares.grid_spacing"] == "4"
    other = [*small, "xysquares.grid_spacing = 2"]
    tfdis.dlib.evaluate(str(folder), str(tmp_path / "other"), [f"{METRICS}/mig.gin"], other)
    used = read_gin_bindings(str(tmp_path / "other" / "results" / "gin" / "evaluation.gin"))
    assert used["xysquares.grid_spacing"] == "2"


def test_bindings_for_many_metrics_are_useless_if_no_metric_used_them(
    representation, tmp_path, monkeypatch
):
    unused = []
    monkeypatch.setattr(commands, "warn_of_unused", unused.append)
    bindings = ["mig.num_train = 50", "sap_score.num_train = 50", "fairness.num_train = 7"]
    runs = [
        (f"{METRICS}/{name}.gin", str(tmp_path / name), [*bindings, "sap_score.num_test = 50"])
        for name in ("mig", "sap_score")
    ]
    commands.evaluate_all(representation, runs)
    assert [list(names) for names in unused] == [["fairness.num_train"]]
