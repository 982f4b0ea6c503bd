"""`Run`: the one reader of finished runs."""

import json
from pathlib import Path

import gin
import numpy as np
import pytest

from tfdis.export.results import write_results
from tfdis.export.run import Run
from tfdis.files.json_object import DamagedFileError

GIN = "dataset.name = 'xysquares'\nxysquares.grid_spacing = 4\nvae.beta = 4.0\n"


def _write(folder):
    (folder / "tfhub").mkdir(parents=True)
    write_results(str(folder / "results"), "train", {"loss": 1.5}, GIN)
    return folder


@pytest.mark.parametrize("inner", ["", "model"])
def test_what_training_left_is_read(tmp_path, inner):
    folder = _write(tmp_path / inner)
    run = Run.open(tmp_path)
    assert run.folder == folder
    assert run.data_set == "xysquares"
    assert (run.value("vae.beta"), run.value("vae.gamma"), run.value("vae.gamma", "0")) == (
        "4.0",
        None,
        "0",
    )
    assert run.data_set_options == ["xysquares.grid_spacing = 4"]
    assert run.results()["loss"] == 1.5
    assert Path(run.module_path) == folder / "tfhub"


def test_the_data_set_is_the_runs_own_and_gin_stays_as_it_was(tmp_path):
    gin.parse_config("xysquares.grid_spacing = 2")
    data = Run.open(_write(tmp_path / "run")).data()
    assert gin.query_parameter("xysquares.grid_spacing") == 2
    # Red starts 14 pixels in: the margin of spacing 4 (that of 8 is 0).
    red = data.images_at(data.factors_to_indices(np.zeros([1, 6], np.int64)))[0, :, :, 0]
    assert np.argwhere(red)[0].tolist() == [14, 14]


def test_a_run_of_the_previous_version_is_read():
    run = Run.open(Path(__file__).parents[1] / "compatibility" / "version_0_1" / "run")
    config = json.loads((run.folder / "results/json/train_config.json").read_text())
    assert repr(run.data_set) == config["dataset.name"]
    assert set(run.signature("gaussian_encoder").function.structured_outputs) == {"mean", "logvar"}


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("", "which does not exist"),
        ("tfhub", "which lacks tfhub"),
        ("results", "which lacks results/gin/train.gin"),
    ],
)
def test_what_is_no_finished_run_is_named(tmp_path, lacking, message):
    folder = tmp_path / "run"
    if lacking:
        _write(folder)
        (folder / lacking).rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match=message):
        Run.open(folder)


def test_damaged_results_are_named(tmp_path):
    run = Run.open(_write(tmp_path / "run"))
    path = run.folder / "results" / "json" / "train_results.json"
    path.write_text('{"loss": 1.')
    for read in (run.results, run.steps, lambda: run.is_source_of(run.folder)):
        with pytest.raises(DamagedFileError, match="train_results.json: is not JSON"):
            read()


def test_every_step_is_read_without_a_module(tmp_path):
    write_results(
        str(tmp_path / "results"), "evaluation", {"score": 0.5}, "evaluation.random_seed = 0"
    )
    steps = Run(tmp_path).steps()
    assert [*steps] == ["evaluation"] and steps["evaluation"]["results"]["score"] == 0.5


def test_a_listed_file_that_is_not_there_is_missing(tmp_path):
    """As when a run is written anew while a report reads it."""
    run = Run.open(_write(tmp_path / "run"))
    path = run.folder / "results" / "json" / "train_config.json"
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(DamagedFileError, match="train_config.json: is missing"):
        run.steps()
