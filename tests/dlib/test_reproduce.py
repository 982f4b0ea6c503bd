"""dlib_reproduce: disentanglement_lib's pipeline, its seeds, its folders; resumed where it stopped."""

import functools
import json
import os
from pathlib import Path

import pytest

from tfdis import dlib
from tfdis.dlib import pipeline as module
from tfdis.dlib.reproduce import reproduce, steps_of
from tfdis.dlib.studies import find_study, model_config

# The first outputs of a Mersenne Twister with seed 0.
SEEDS = [2357136044, 2546248239, 3071714933, 3626093760]
SMALL = ("model.training_steps = 1", "model.eval_steps = 1", "encoder.num_latent = 2")


class SmallStudy:
    """One model, one postprocessing and two metrics out of disentanglement_lib's own files."""

    def get_model_config(self, model_num):
        file = "tests/methods/unsupervised/train_test.gin"
        return [["vae.beta = 2."]][model_num], dlib.find_config(file)

    def get_postprocess_config_files(self):
        return [dlib.find_config("tests/postprocessing/postprocess_test_configs/mean.gin")]

    def get_eval_config_files(self):
        folder = "tests/evaluation/evaluate_test_configs"
        return [dlib.find_config(f"{folder}/{name}.gin") for name in ("unsupervised", "mig")]


@pytest.fixture
def small_pictures(monkeypatch):
    small = functools.partial(
        module.visualize_model, num_animations=1, num_frames=2, num_points_irs=20
    )
    monkeypatch.setattr(module, "visualize_model", small)


def _config(folder, step):
    return json.loads((folder / "results" / "json" / f"{step}_config.json").read_text())


def test_seeds_are_drawn_in_the_order_of_disentanglement_lib():
    postprocessings, metrics = steps_of(find_study("unsupervised_study_v1"))
    assert [step.output_dir for step in postprocessings] == [
        "postprocessed/mean",
        "postprocessed/sampled",
    ]
    assert [step.output_dir for step in metrics[:2]] == [
        "metrics/mean/beta_vae_sklearn",
        "metrics/mean/dci",
    ]
    assert metrics[9].output_dir == "metrics/sampled/beta_vae_sklearn"
    assert len(metrics) == 18
    found = [step.bindings[0] for step in (*postprocessings, *metrics[:2])]
    kinds = ["postprocess", "postprocess", "evaluation", "evaluation"]
    assert found == [f"{k}.random_seed = {s}" for k, s in zip(kinds, SEEDS, strict=True)]


@pytest.mark.parametrize(
    ("study", "num_models"),
    [
        ("unsupervised_study_v1", 12600),
        ("fairness_study_v1", 12600),
        ("abstract_reasoning_study_v1", 360),
    ],
)
def test_every_study_has_its_models_and_no_more(study, num_models):
    bindings, file = model_config(find_study(study), num_models - 1)
    assert bindings[:2] == ["model.name = 'shared'", f"model.model_num = {num_models - 1}"]
    assert Path(file).name == "shared.gin"
    for number in (-1, num_models):
        with pytest.raises(ValueError, match=f"Received: {number}"):
            model_config(find_study(study), number)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_the_whole_pipeline_is_done_once_and_resumed(small_pictures, tmp_path, monkeypatch):
    output = tmp_path / "out"
    run = functools.partial(reproduce, SmallStudy(), str(output), gin_bindings=SMALL)

    def killed(*_, **__):
        raise KeyboardInterrupt

    evaluate = module.evaluate_all
    monkeypatch.setattr(module, "evaluate_all", killed)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert not (output / "metrics").exists()
    times = {p: p.stat().st_mtime_ns for p in output.rglob("*") if p.is_file()}
    monkeypatch.setattr(module, "evaluate_all", evaluate)
    run()
    untouched = [p for p in times if p.name != "reproduce.json"]
    assert {p: p.stat().st_mtime_ns for p in untouched} == {p: times[p] for p in untouched}
    assert sorted(os.listdir(output)) == [
        "metrics",
        "model",
        "postprocessed",
        "reproduce.json",
        "visualizations",
    ]
    assert sorted(os.listdir(output / "metrics" / "mean")) == ["mig", "unsupervised"]
    trained = _config(output / "model", "train")
    assert (trained["vae.beta"], trained["model.name"]) == ("2.0", "'train_test'")
    scored = _config(output / "metrics" / "mean" / "mig", "evaluation")
    assert scored["evaluation.random_seed"] == str(SEEDS[1])
    results = output / "metrics/mean/mig/results/json/evaluation_results.json"
    first = json.loads(results.read_text())
    with pytest.raises(FileExistsError, match="another model.*--overwrite"):
        run(gin_bindings=[*SMALL, "vae.beta = 3."])
    with pytest.raises(FileExistsError, match="another evaluation"):
        run(evaluation_bindings=["mig.num_train = 7"])
    with pytest.raises(ValueError, match="num_trian"):
        run(overwrite=True, evaluation_bindings=["mig.num_trian = 7"])
    assert json.loads(results.read_text()) == first
    monkeypatch.setattr(module, "visualize_model", lambda _, folder: os.mkdir(folder))
    run(overwrite=True, evaluation_bindings=["mig.num_train = 7"])
    assert _config(output / "metrics" / "mean" / "mig", "evaluation")["mig.num_train"] == "7"
    assert sorted(os.listdir(tmp_path)) == ["out"]


def test_folders_of_somebody_else_are_never_touched(tmp_path):
    (tmp_path / "model").mkdir()
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match=r"already holds model.*reproduce\.json"):
            reproduce(SmallStudy(), str(tmp_path), overwrite=overwrite)
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.long
def test_only_print_shows_the_settings_and_writes_nothing(start_command, tmp_path):
    result = start_command("dlib_reproduce", "--only_print", "--model_num=12599", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for text in ("dataset.name = 'shapes3d'", "annealed_vae.c_max = 100.0", "sap_score.gin"):
        assert text in result.stdout
    assert os.listdir(tmp_path) == []


def test_another_study_is_refused():
    with pytest.raises(ValueError, match="unsupervised_study_v1.*weak_study"):
        find_study("weak_study")


@pytest.mark.long
def test_bad_input_is_one_clear_error(start_command, tmp_path):
    flags = ("--gin_bindings=vae.bta = 1", "--output_directory=out")
    result = start_command("dlib_reproduce", *flags, cwd=tmp_path)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "bta" in line and "Traceback" not in result.stderr
    assert os.listdir(tmp_path) == []
