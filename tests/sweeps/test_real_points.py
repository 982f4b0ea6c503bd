"""Points that really train: disentanglement_lib's own, and one whose model another point starts from."""

import dataclasses
import json

import pytest

from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import check_points, load_names
from tfdis.sweeps.folder import State, StudyFolder
from tfdis.sweeps.here import do_here
from tfdis.sweeps.point import Point
from tfdis.sweeps.unused import unused_by_all
from tfdis.sweeps.work import Kind, attempt

pytestmark = pytest.mark.usefixtures("eagerly")
SMALL = ("model.training_steps = 2", "model.eval_steps = 1", "encoder.num_latent = 2")
TINY = """
dataset.name = "dummy_data"
model.model = @vae()
vae.beta = 1.0
encoder.encoder_fn = @mlp_encoder
decoder.decoder_fn = @mlp_decoder
mlp_encoder.hidden_units = (8,)
mlp_decoder.hidden_units = (8,)
reconstruction_loss.loss_fn = @bernoulli_loss
vae_optimizer.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 0.001
model.batch_size = 4
model.random_seed = 0
"""


def _read(folder, name):
    return json.loads((folder / "results" / "json" / name).read_text())


@pytest.mark.long
def test_a_point_of_disentanglement_lib_is_trained_and_scored_with_its_seeds(tmp_path):
    (whole,) = build_points("test", gin_bindings=SMALL)
    metrics = [step for step in whole.metrics if step.output_dir == "metrics/mean/mig"]
    point = dataclasses.replace(
        whole, postprocessings=whole.postprocessings[:1], metrics=tuple(metrics)
    )
    folder = StudyFolder(tmp_path)
    check_points([point], folder)
    assert attempt(folder, point, ("train", "score")).kind is Kind.DONE
    assert folder.state(point) is State.DONE
    assert _read(folder.at(point, "model"), "train_results.json")["global_step"] == 2
    scored = _read(folder.at(point, "metrics/mean/mig"), "evaluation_config.json")
    (seed,) = [line for line in metrics[0].bindings if line.startswith("evaluation.random_seed")]
    assert f"evaluation.random_seed = {scored['evaluation.random_seed']}" == seed


@pytest.mark.long
def test_a_point_starts_from_the_one_that_it_needs(tmp_path):
    (tmp_path / "tiny.gin").write_text(TINY)
    files = (str(tmp_path / "tiny.gin"),)
    warm = "model.warm_start = '{points}/first/model'"
    points = [
        Point("first", files, SMALL),
        Point(
            "second",
            files,
            (*SMALL, warm, "model.training_steps = 1", "factor_vae.gamma = 3."),
            needs=("first",),
        ),
    ]
    load_names()
    folder = StudyFolder(tmp_path / "study")
    assert do_here(folder, points, "second", ("train",)).kind is Kind.DONE
    assert folder.is_trained("first") and folder.is_trained("second")
    config = _read(folder.at("second", "model"), "train_config.json")
    assert config["model.warm_start"] == repr(str(folder.at("first", "model")))
    # The command says it of all points; one of them does not know what the others use.
    assert list(unused_by_all(folder, points)) == ["factor_vae.gamma"]
    assert "Nothing used" not in folder.at("second", "log.txt").read_text()
    with pytest.raises(
        ValueError, match="--point of the study's points first, second. Received: x"
    ):
        do_here(folder, points, "x", ("train",))
