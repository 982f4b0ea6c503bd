"""dlib_train_semi_supervised: the gin names of disentanglement_lib's repository train here."""

import functools
import json

import gin
import numpy as np
import pytest
from one_of_each_kind import case

from tfdis import models, objectives
from tfdis.dlib import semi
from tfdis.objectives import at_step
from tfdis.training.build import bound_builder
from tfdis.training.run_folder import RunFolder

CONFIG = "tests/methods/semi_supervised/train_test.gin"
BINDINGS = ["model.eval_steps = 1", "supervised_loss.loss_fn = @xent"]
MODELS = {
    "s2_vae": ({"beta": 4.0}, models.BetaVAE),
    "s2_factor_vae": ({"gamma": 5.0}, models.FactorVAE),
    "s2_dip_vae": ({"lambda_od": 10.0, "lambda_d_factor": 2.0, "dip_type": "ii"}, models.DIPVAE),
    "s2_beta_tc_vae": ({"beta": 10.0}, models.BetaTCVAE),
    "s2_mine_vae": ({"beta": 4.0}, models.BetaVAE),
    "supervised": ({}, models.SupervisedVAE),
}
LOSSES = {
    "xent": ([], objectives.SupervisedCrossEntropy),
    "l2": (["l2.learn_scale = False"], objectives.SupervisedL2),
    "cov": ([], objectives.SupervisedCovariance),
    "embed": (["embed.sigma = 'learn'"], objectives.SupervisedEmbedding),
}
TRAINED = {
    "s2_factor_vae": [
        "s2_factor_vae.gamma = 4",
        "s2_factor_vae.gamma_sup = 4",
        "discriminator.discriminator_fn = @fc_discriminator",
        "fc_discriminator.num_hidden = 1",
        "discriminator_optimizer.optimizer_fn = @AdamOptimizer",
        "annealer.anneal_fn = @fine_tune",
        "supervised_loss.loss_fn = @embed",
        "embed.sigma = 1",
    ],
    "supervised": ["labeller.labeller_fn = @partial_labeller", "supervised_loss.loss_fn = @l2"],
    "s2_mine_vae": [
        "s2_mine_vae.beta = 4",
        "s2_mine_vae.gamma_sup = 4",
        "labeller.labeller_fn = @partial_labeller",
    ],
    "vae": ["vae.beta = 10."],  # An unsupervised model, as in disentanglement_lib's own tests.
}


def _results(folder, name="train_results"):
    return json.loads((folder / f"results/json/{name}.json").read_text())


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_writes_what_disentanglement_lib_writes_and_the_labelled_images_once(tmp_path):
    """From the file that disentanglement_lib ships for the part that its package lacks."""
    run = tmp_path / "run"
    semi.train_semi_supervised(str(run), [CONFIG], BINDINGS)
    for name in ("tfhub/saved_model.pb", "results/gin/train.gin", "results/aggregate/train.json"):
        assert (run / name).is_file()
    config = _results(run, "train_config")
    assert config["model.model"] == "@s2_vae" and config["s2_vae.gamma_sup"] == "4"
    assert config["model.model_seed"] == config["model.random_seed"] == "0"
    assert np.isfinite(_results(run)["supervised_loss"])
    with np.load(run / "results/labelled_points.npz") as points:
        assert points["labels"].shape == (100, 10) and points["num_training"] == 90
    written = _results(run)["uuid"]
    semi.train_semi_supervised(str(run), [CONFIG], BINDINGS)
    assert _results(run)["uuid"] == written
    assert RunFolder(run, "", overwrite=True).path == run


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("name", [case(name != "supervised", name) for name in TRAINED])
def test_trains_dlib_s_file_with_other_models(name, tmp_path):
    bindings = [*BINDINGS, f"model.model = @{name}", *TRAINED[name]]
    semi.train_semi_supervised(str(tmp_path / "run"), [CONFIG], bindings)
    results = _results(tmp_path / "run")
    assert ("supervised_loss" in results) == (name != "vae")
    # Two optimisers that count: 2 updates of 2 steps are disentanglement_lib's 2 steps.
    counted = "dlib" if name == "s2_factor_vae" else "updates"
    assert results["step_counting"] == counted and results["updates"] == 2


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", MODELS)
def test_names_stand_for_models_with_a_term(name, loss):
    options, cls = MODELS[name]
    bindings, term = LOSSES[loss]
    gin.parse_config([f"{name}.{key} = {value!r}" for key, value in options.items()])
    gin.parse_config([f"supervised_loss.loss_fn = @{loss}", *bindings])
    if name != "supervised":
        gin.parse_config([f"{name}.gamma_sup = 7.", "annealer.anneal_fn = @fixed"])
        gin.parse_config("annealer.iteration_threshold = 1")
    built = bound_builder(gin.get_configurable(name))
    keywords = dict(built.keywords)
    (supervised,) = keywords.pop("terms")
    assert built.func is cls and keywords == options
    assert type(supervised) is (objectives.SupervisedMINE if name == "s2_mine_vae" else term)
    assert supervised.weight == (1.0 if name == "supervised" else 7.0)
    if loss == "l2" and name == "s2_vae":
        assert supervised.learn_scale is False


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("fixed", [5.0, 5.0, 5.0, 5.0, 5.0]),
        ("anneal", [0.0, 2.5, 4.5, 5.0, 5.0]),
        ("fine_tune", [0.0, 0.0, 0.0, 0.0, 5.0]),
    ],
)
def test_the_weight_follows_its_course(course, expected):
    """Of a threshold of 10 steps at the steps 0, 5, 9, 10 and 11, by disentanglement_lib's formulas."""
    gin.parse_config([f"annealer.anneal_fn = @{course}", "annealer.iteration_threshold = 10"])
    weight = semi.annealer(5.0)
    assert [float(at_step(weight, step)) for step in (0, 5, 9, 10, 11)] == pytest.approx(expected)


def test_a_seed_of_its_own_is_not_replaced(tmp_path, monkeypatch):
    seeds = []

    def keep(*_):
        seeds.append(gin.query_parameter("model.random_seed"))

    monkeypatch.setattr(semi, "train_and_export", keep)
    for bindings in ([], ["model.random_seed = 3"]):
        semi.train_semi_supervised(str(tmp_path / "run"), [CONFIG], bindings)
    assert seeds == [0, 3]


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (["model.num_labelled_samples = 0"], "labelled images from 1"),
        (["labeller.labeller_fn = @absent_labeller"], "absent_labeller"),
    ],
)
def test_bad_input_is_one_clear_error_and_leaves_no_run(bindings, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        semi.train_semi_supervised(str(tmp_path / "run"), [CONFIG], [*BINDINGS, *bindings])
    assert not (tmp_path / "run/run.json").exists()


@pytest.mark.long
def test_command(start_command, tmp_path):
    start = functools.partial(start_command, "dlib_train_semi_supervised", cwd=tmp_path)
    files = [f"--gin_config={CONFIG}", *(f"--gin_bindings={line}" for line in BINDINGS)]
    result = start("--model_dir=run", *files)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "run/results/labelled_points.npz").is_file()
    result = start("--model_dir=other")
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 1 and "what to train" in line
    assert not (tmp_path / "other/run.json").exists()
