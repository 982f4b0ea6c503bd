"""dlib_train: disentanglement_lib's own gin files train here, with the layout that its readers know."""

import json
import os
import pathlib
import shutil

import gin
import pytest

from tfdis.configuration import configured
from tfdis.dlib.configs import find_config
from tfdis.dlib.train import train
from tfdis.training.run_folder import RunFolder

CONFIG = "tests/methods/unsupervised/train_test.gin"
FACTOR_VAE = [
    "model.model = @factor_vae()",
    "factor_vae.gamma = 10.",
    "discriminator.discriminator_fn = @fc_discriminator",
    "discriminator_optimizer.optimizer_fn = @AdamOptimizer",
    "model.training_steps = 3",
    "model.eval_steps = 1",
]


@pytest.mark.long
def test_trains_a_file_that_disentanglement_lib_ships_and_is_done_once(start_command, tmp_path):
    """Read from a folder, after the other files."""
    (tmp_path / "mine").mkdir()
    shutil.copy(find_config(CONFIG), tmp_path / "mine" / "model.gin")
    (tmp_path / "first.gin").write_text("model.random_seed = 5\nmodel.eval_steps = 1\n")
    arguments = ("--gin_model_dir=mine", "--gin_file_name=model.gin", "--model_dir=run")
    result = start_command("dlib_train", "--gin_config=first.gin", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for name in ("tfhub/saved_model.pb", "results/gin/train.gin", "results/aggregate/train.json"):
        assert (tmp_path / "run" / name).is_file()
    config = json.loads((tmp_path / "run/results/json/train_config.json").read_text())
    assert config["encoder.encoder_fn"] == "@test_encoder"
    assert config["AdamOptimizer.epsilon"] == "0.001"
    assert (config["model.random_seed"], config["model.eval_steps"]) == ("0", "1")
    written = (tmp_path / "run/results/json/train_results.json").read_text()
    bindings = ["model.eval_steps = 1"]
    train(str(tmp_path / "run"), [CONFIG], bindings)
    assert (tmp_path / "run/results/json/train_results.json").read_text() == written
    with pytest.raises(FileExistsError, match=r"vae.beta(.|\n)*--overwrite"):
        train(str(tmp_path / "run"), [CONFIG], [*bindings, "vae.beta = 2."])


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    ("bindings", "counting", "updates", "step"),
    [
        ([], "dlib", 2, 4),
        pytest.param(
            *(["model.step_counting = 'updates'"], "updates", 3, 3), marks=pytest.mark.exhaustive
        ),
    ],
)
def test_both_optimisers_of_factor_vae_advance_the_step(
    tmp_path, bindings, counting, updates, step
):
    """The old disentanglement_lib ends at step 12 for 10 and 11 training steps, at 22 for 20."""
    train(str(tmp_path / "run"), [CONFIG], [*FACTOR_VAE, *bindings])
    assert _counted(tmp_path / "run") == (counting, updates, step)


def test_a_run_that_was_begun_without_this_counting_goes_on_without_it(
    tmp_path, monkeypatch, warnings_given
):
    """As tfdis 0.1.0 began them; with overwrite a new one counts anew."""
    counted = []

    def mark(model_dir, overwrite):
        folder = RunFolder(model_dir, gin.config_str(), overwrite)
        with folder.held():
            folder.prepare()
        counted.append(gin.get_bindings("model").get("step_counting"))

    monkeypatch.setattr("tfdis.dlib.train.train_and_export", mark)
    run = str(tmp_path / "run")
    with configured([find_config(CONFIG)], FACTOR_VAE):
        mark(run, False)
    train(run, [CONFIG], [*FACTOR_VAE, "model.training_steps = 5"])
    (warning,) = warnings_given
    assert run in warning and "--overwrite" in warning
    train(run, [CONFIG], FACTOR_VAE, overwrite=True)
    train(run, [CONFIG], FACTOR_VAE)
    assert counted == [None, None, "dlib", "dlib"]
    with pytest.raises(FileExistsError, match="factor_vae.gamma"):
        train(run, [CONFIG], [*FACTOR_VAE, "factor_vae.gamma = 2."])
    assert warnings_given == [warning]


def _counted(run):
    results = json.loads((run / "results/json/train_results.json").read_text())
    return results["step_counting"], results["updates"], results["global_step"]


@pytest.mark.long
def test_half_of_the_two_flags_of_a_file_is_one_clear_error(start_command, tmp_path):
    result = start_command("dlib_train", "--gin_file_name=a.gin", "--model_dir=run", cwd=tmp_path)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "--gin_model_dir" in line and "Traceback" not in result.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "bindings", "error", "message"),
    [
        ([], [], ValueError, "what to train"),
        (["nowhere.gin"], [], FileNotFoundError, "nowhere.gin"),
        ([CONFIG], ["vae.bta = 3."], ValueError, "bta"),
        ([CONFIG], ["dataset.name = 'dummy'"], ValueError, "dummy_data"),
        ([], ["vae.beta = 3."], RuntimeError, "training_steps"),
    ],
)
def test_bad_input_is_refused_and_leaves_nothing(tmp_path, files, bindings, error, message):
    with pytest.raises(error, match=message):
        train(str(tmp_path / "run"), files, bindings)
    assert os.listdir(tmp_path) == []


def test_the_docs_set_the_folder_of_originals_for_the_old_dlib_s_command_alone():
    """tfdis would take the archive of re-rendered images that lies there for the published file."""
    text = (pathlib.Path(__file__).parents[2] / "docs" / "disentanglement_lib.md").read_text()
    set_there = [line.strip() for line in text.splitlines() if "DISENTANGLEMENT_LIB_DATA=" in line]
    start = "DISENTANGLEMENT_LIB_DATA=data old/bin/python old/bin/dlib_train "
    assert set_there and all(line.startswith(start) for line in set_there)
