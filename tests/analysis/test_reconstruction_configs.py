"""The gin files of the reconstruction-loss paper: what they bind, and that they train."""

import pathlib

import gin
import numpy as np
import pytest

from tfdis import networks
from tfdis.data.named import get_named_ground_truth_data
from tfdis.training import train as train_room

ROOT = pathlib.Path(__file__).parents[2]
FILES = sorted((ROOT / "gin/papers/reconstruction").glob("*.gin"))
_STEPS = {"adversarial": 115200, "overlap": 57600, "augmented": 57600}


@pytest.fixture(autouse=True)
def _from_the_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_binds_what_the_paper_says(file):
    gin.parse_config_files_and_bindings([str(file)], [])
    experiment, model, *loss = file.stem.removesuffix("_code").split("_")
    assert gin.query_parameter("model.training_steps") == _STEPS[experiment]
    assert gin.query_parameter("model.batch_size") == 256
    assert gin.query_parameter("vae/AdamOptimizer.learning_rate") == 0.001
    assert gin.query_parameter("vae/AdamOptimizer.form") == "pytorch"
    gin_name = {"betavae": "vae", "adagvae": "ada_gvae"}[model]
    assert gin.query_parameter(f"{gin_name}.beta_normalisation") is True
    if model == "adagvae":
        assert gin.query_parameter("ada_gvae.symmetric") is True
    loss_fn = str(gin.query_parameter("reconstruction_loss.loss_fn"))
    assert loss_fn == ("@box_blur_mse_loss" if loss == ["boxblur"] else "@mse_loss")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_code_files_alone_pad_as_the_authors_do(file):
    gin.parse_config_files_and_bindings([str(file)], ["LATENTS = 9"])
    encoder = networks.make_gaussian_encoder((64, 64, 3))
    flat = 1600 if file.stem.endswith("_code") else 1024
    assert encoder.get_layer("e5").kernel.shape == (flat, 256)
    assert encoder.count_params() == 530_898 - (1600 - flat) * 256


def test_there_is_a_file_for_each_experiment_and_framework_as_in_the_paper_and_in_the_code():
    stems = {file.stem for file in FILES}
    papers = {stem for stem in stems if not stem.endswith("_code")}
    assert len(papers) == 8
    assert stems == papers | {f"{stem}_code" for stem in papers}


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("name", ["overlap_betavae", "augmented_adagvae_boxblur"])
def test_macros_reach_the_run_and_it_trains(name, tmp_path):
    bindings = ["model.training_steps = 2", "model.batch_size = 4", "model.eval_steps = 1"]
    bindings += ["BETA = 0.5", "LATENTS = 3"]
    if name.startswith("overlap"):
        bindings.append("GRID_SPACING = 2")
    file = ROOT / f"gin/papers/reconstruction/{name}.gin"
    gin.parse_config_files_and_bindings([str(file)], bindings)
    run = train_room.train(tmp_path / "run")
    assert np.isfinite(run.results["loss"])
    assert (run.model.beta, run.model.latent_dim) == (0.5, 3)
    assert run.model.controls.beta_normalisation
    assert get_named_ground_truth_data().grid_spacing == (2 if name.startswith("overlap") else 8)
