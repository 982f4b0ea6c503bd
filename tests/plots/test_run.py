"""All pictures of a run that is made here."""

from pathlib import Path

import numpy as np
import pytest
from absl import logging
from PIL import Image

from tfdis.export.run import Run
from tfdis.objectives import ReconstructionLoss
from tfdis.plots import finished_run
from tfdis.plots import run as plots_run
from tfdis.plots.run import plot_run
from tfdis.registry import OBJECTIVES

ROOT = Path(__file__).resolve().parents[2]
PICTURES = {"traversals.png", "traversals.gif", "reconstructions.png", "curves.png"}


def width(path):
    with Image.open(path) as picture:
        return picture.size[0]


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.exhaustive
def test_pictures_are_drawn_beside_a_folder_called_model(run):
    paths = plot_run(run, num_images=2)
    assert {Path(path).name for path in paths} == PICTURES
    assert names_in(run.parent / "visualizations") == PICTURES | {plots_run.MARK}
    for path in paths:
        assert width(path) > 100


@pytest.mark.parametrize(
    ("bindings", "loss", "expected"),
    [
        ({}, "bernoulli_loss", "logits"),
        ({"reconstruction_loss.activation": "'tanh'"}, "bernoulli_loss", "tanh"),
        (
            {"reconstruction_loss.activation": "None", "l2_loss.activation": "'tanh'"},
            "l2_loss",
            "tanh",
        ),
        ({"l2_loss.activation": "'tanh'"}, "bernoulli_loss", "logits"),
    ],
)
def test_activation_is_the_runs_own(bindings, loss, expected, tmp_path):
    run = Run(tmp_path)
    run.bindings = bindings
    assert finished_run._activation(run, loss) == expected


def test_traversals_start_from_the_code_nearest_to_the_origin():
    codes = np.array([[3.0, 0.0], [0.1, -0.2], [0.0, 1.0]])
    assert plots_run._most_central_first(codes).tolist() == [1, 0, 2]


@pytest.mark.usefixtures("one_pixel_each")
def test_nothing_is_overwritten_without_the_flag(run, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "reconstructions.png").write_text("mine")
    (folder / "other.txt").write_text("mine too")
    with pytest.raises(FileExistsError, match=r"reconstructions.png"):
        plot_run(run, folder)
    assert names_in(folder) == {"reconstructions.png", "other.txt"}
    plot_run(run, folder, num_images=3, overwrite=True)
    assert names_in(folder) == PICTURES | {"other.txt", plots_run.MARK}
    assert (folder / "reconstructions.png").read_bytes() != b"mine"


@pytest.mark.long
@pytest.mark.usefixtures("one_pixel_each")
def test_the_same_call_goes_on_after_a_kill(run, tmp_path):
    folder = tmp_path / "pictures"
    paths = [Path(path) for path in plot_run(run, folder, num_images=2)]
    times = {path: path.stat().st_mtime_ns for path in paths}
    assert plot_run(run, folder, num_images=2) == list(map(str, paths))
    assert {path: path.stat().st_mtime_ns for path in paths} == times
    # Killed before the last picture was in its place.
    paths[-1].unlink()
    assert plot_run(run, folder, num_images=2) == list(map(str, paths)) and paths[-1].is_file()
    with pytest.raises(FileExistsError, match="traversals.png"):
        plot_run(run, folder, num_images=3)
    assert {path.name for path in paths} | {plots_run.MARK} == names_in(folder)


@pytest.mark.long
@pytest.mark.usefixtures("one_pixel_each")
@pytest.mark.parametrize(("steps", "num_warnings"), [(0, 0), (2, 1)])
def test_a_run_without_a_log_has_no_curves_which_is_said_if_it_made_steps(
    run, tmp_path, monkeypatch, steps, num_warnings
):
    (run / "training_log.csv").unlink()
    (run / "results/json/train_results.json").write_text(f'{{"global_step": {steps}}}')
    warnings = []
    monkeypatch.setattr(logging, "warning", lambda *said: warnings.append(said))
    plot_run(run, tmp_path / "pictures", num_images=1)
    assert names_in(tmp_path / "pictures") == PICTURES - {"curves.png"} | {plots_run.MARK}
    assert len(warnings) == num_warnings


@pytest.mark.parametrize(
    ("bindings", "unit"),
    [
        ("", "nats"),
        ("vae.beta_normalisation = True", ""),
        ("vae.beta_normalisation = False", "nats"),
        ("reconstruction_loss.loss_fn = @mse_loss", ""),
        ("reconstruction_loss.loss_fn = @gaussian_loss", "nats"),
        ("reconstruction_loss.loss_fn = @own_likelihood", "nats"),
        ("reconstruction_loss.loss_fn = @not_imported", ""),
    ],
)
def test_the_unit_of_the_loss_is_that_of_its_likelihood(run, bindings, unit, monkeypatch):
    """A mean over pixel values is in nats of no image."""
    monkeypatch.setitem(OBJECTIVES.data, "own_likelihood", type("Own", (ReconstructionLoss,), {}))
    file = run / "results/gin/train.gin"
    file.write_text(f"{file.read_text()}{bindings}\n")
    assert finished_run.load_finished_run(run).unit == unit


@pytest.mark.long
@pytest.mark.usefixtures("one_pixel_each")
def test_a_failure_leaves_nothing(run, tmp_path):
    (run / "training_log.csv").write_text("step,loss\n1,low\n2,high\n")
    with pytest.raises(ValueError, match="numbers in every row"):
        plot_run(run, tmp_path / "pictures")
    assert not (tmp_path / "pictures").exists() or names_in(tmp_path / "pictures") == set()


def test_a_module_of_other_images_is_refused(run, tmp_path):
    (run / "results/gin/train.gin").write_text("dataset.name = 'dummy_data'")
    with pytest.raises(ValueError, match=r"images of dummy_data, \[64, 64, 1\]. Received: .* 3\]"):
        plot_run(run, tmp_path / "pictures")


@pytest.mark.long
def test_command(start_command, run, tmp_path):
    folder = tmp_path / "pictures"
    flags = [f"--model_dir={run}", f"--output_dir={folder}", "--num_images=2", "--seed=1"]
    first = start_command("visualize", *flags)
    assert first.returncode == 0, first.stderr
    assert names_in(folder) == PICTURES | {plots_run.MARK}
    assert set(first.stdout.split()) == {str(folder / name) for name in PICTURES}
    second = start_command("visualize", *flags)
    assert second.returncode == 0 and second.stdout == first.stdout
    second = start_command("visualize", *flags, "--seed=2")
    assert second.returncode == 1
    assert "--overwrite" in second.stderr
