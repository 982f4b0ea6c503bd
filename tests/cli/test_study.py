"""bin/study on this machine: two tiny models from start to scores, resumed, reported; bad flags."""

import json
import os
import re
import shlex

import numpy as np
import pandas as pd
import pytest
from one_of_each_kind import case

import tfdis
from tfdis.report.build import build_report
from tfdis.runs.train import train_with_gin
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import check_macros, check_points
from tfdis.sweeps.folder import State, StudyFolder
from tfdis.sweeps.grid import grid_points
from tfdis.sweeps.here import do_here
from tfdis.sweeps.point import Point
from tfdis.sweeps.work import Kind

TINY = """# Tiny.
dataset.name = "dummy_data"
model.model = @vae()
vae.beta = %BETA
BETA = 1.0
encoder.num_latent = 2
encoder.encoder_fn = @mlp_encoder
decoder.decoder_fn = @mlp_decoder
mlp_encoder.hidden_units = (4,)
mlp_decoder.hidden_units = (4,)
reconstruction_loss.loss_fn = @bernoulli_loss
vae_optimizer.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 0.001
model.batch_size = 4
model.random_seed = 0
model.training_steps = 3
model.log_steps = 1
model.eval_steps = 1
"""


# To trace graphs for three steps takes seconds.
EAGERLY = "import tensorflow\n\ntensorflow.config.run_functions_eagerly(True)\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with a gin file, and with a module for --import that leaves graphs out."""
    (tmp_path / "tiny.gin").write_text(TINY)
    (tmp_path / "without_graphs.py").write_text(EAGERLY)
    return tmp_path


@pytest.fixture
def study(start_command, folder):
    # All cores for each run, so that Ray starts one process: each imports TensorFlow.
    one = f"--cpus_per_run={os.cpu_count()}"

    def start(*flags, output="study"):
        return start_command("study", f"--output_dir={output}", one, *flags, cwd=folder)

    return start


def _weights(model):
    import keras

    import tfdis.models  # noqa: F401

    return keras.models.load_model(model / "model.keras").get_weights()


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_study_is_done_added_to_and_reported(study, start_command, folder, monkeypatch):
    unused = "factor_vae.gamma = 3."
    described = ["--gin_file=tiny.gin", "--grid=model.random_seed=0:2", f"--gin_bindings={unused}"]
    described.append("--import=without_graphs")
    result = study(*described, "--steps=train")
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("Nothing used the gin bindings of factor_vae.gamma") == 1
    points = folder / "study" / "points"
    assert sorted(os.listdir(points)) == ["random_seed=0", "random_seed=1"]
    # The folder of a point is one of bin/train, and that finds its run complete there.
    monkeypatch.chdir(folder)
    bindings = [unused, "model.random_seed = 1"]
    train_with_gin("alone", False, ["tiny.gin"], bindings)
    for ours, alone in zip(
        _weights(points / "random_seed=1" / "model"), _weights(folder / "alone"), strict=True
    ):
        np.testing.assert_array_equal(ours, alone)
    trained = {path: path.stat().st_mtime_ns for path in points.glob("*/model/**/*")}
    train_with_gin(points / "random_seed=1" / "model", False, ["tiny.gin"], bindings)
    # Another metric later trains nothing again, here as the array jobs of a scheduler compute it.
    metrics = [*described, "--metrics=unsupervised", "--nokeep_codes"]
    metrics.append("--gin_bindings=unsupervised_metrics.num_train = 90")
    commands = study(*metrics, "--print_commands").stdout.splitlines()
    assert len(commands) == 2
    result = start_command(
        "study", *shlex.split(commands[0].partition("bin/study ")[2]), cwd=folder
    )
    assert result.returncode == 0, result.stderr
    here, every = StudyFolder(folder / "study"), ("train", "score")
    assert do_here(here, here.read(), "random_seed=1", every, keep_codes=False).kind is Kind.DONE
    assert {path: path.stat().st_mtime_ns for path in points.glob("*/model/**/*")} == trained
    assert len(list(points.glob("*/metrics/mean/unsupervised/results"))) == 2
    assert not list(points.glob("*/postprocessed/*/codes"))
    assert {here.state(point) for point in here.read()} == {State.DONE}
    # What is done is not done again, and all of it is in the table.
    result = study(*metrics, "--gin_bindings=seed_consistency.num_data_points = 90", "--udr")
    assert result.returncode == 0, result.stderr
    table = pd.read_parquet(folder / "study" / "results.parquet")
    assert table.groupby("point").seed.unique().str[0].to_dict() == {
        "random_seed=0": 0,
        "random_seed=1": 1,
    }
    metrics = {"unsupervised", "udr_sklearn", "seed_consistency"}
    assert set(table.metric) == metrics and table.value.notna().all()
    # A metric's lines reach it, and are not the training's.
    used = table.groupby("metric").metric_configuration.first().map(json.loads)
    assert used["unsupervised"]["unsupervised_metrics.num_train"] == "90"
    assert used["seed_consistency"]["seed_consistency.num_data_points"] == "90"
    consistency = table[table.metric == "seed_consistency"].groupby("score").value
    # Of two models each is as far from the other.
    assert (
        set(consistency.groups) == {"matched", "same_place"} and consistency.nunique().eq(1).all()
    )
    assert json.loads(table.versions[0])["tfdis"] == tfdis.__version__
    report = build_report([folder / "study"])
    assert list(report.runs["run"]) == ["random_seed=0", "random_seed=1"]
    assert all(0 <= score <= 1 for score in report.runs["udr_sklearn/UDR"])
    assert report.groups["udr_sklearn/UDR/n"].tolist() == [2]
    assert report.groups["seed_consistency/matched/n"].tolist() == [2]


@pytest.mark.long
def test_what_is_not_trained_is_not_scored_and_failures_are_named_with_their_logs(study, folder):
    points = [Point(name).with_metrics(["mig"]) for name in "ab"]
    StudyFolder(folder / "study").write("s", points)
    place = folder / "study" / "points" / "a"
    place.mkdir(parents=True)
    (place / "failed.json").write_text(json.dumps({"error": "Expected more."}))
    # No cluster is asked for where nothing is to be done: there is none.
    result = study("--steps=score", "--address=127.0.0.1:1")
    assert "1 points are not trained yet: left out" in result.stderr
    assert result.returncode == 2 and "1 points failed before: --retry_failed" in result.stderr
    result = study("--status")
    first, failed, log = result.stdout.splitlines()
    assert first == "0 done, 0 running, 1 waiting, 1 failed" and result.returncode == 2
    assert failed == "failed a: Expected more." and log.strip() == str(place / "log.txt")


@pytest.mark.long
def test_a_dry_run_measures_and_writes_nothing(study, folder):
    flags = ("--gin_file=tiny.gin", "--seeds=0:4", "--gin_bindings=model.training_steps = 5000")
    result = study(*flags, "--import=without_graphs", "--dry_run")
    first, kind, training, disk = result.stdout.splitlines()
    assert first == "0 done, 0 running, 4 waiting, 0 failed"
    assert re.fullmatch(
        r"vae on dummy_data: 4 models x 5,000 updates of [\d.]+ ms = [\d.]+ hours", kind
    )
    assert "runs at a time" in training and re.fullmatch(r"disk: 0\.0\d GB for the models", disk)
    assert not (folder / "study").exists()


@pytest.mark.long
@pytest.mark.parametrize("flags", [case(True, ["--dry_run"]), case(False, [])])
def test_what_is_wrong_is_one_line_before_anything_starts(study, folder, flags):
    """Without --dry_run while Ray starts, which tests/sweeps/test_engine.py has end."""
    result = study("--gin_file=tiny.gin", "--grid=vae.betta=1,2", *flags)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "betta" in result.stderr, result.stderr
    with pytest.raises(ValueError, match="Expected the name of a study"):
        build_points("preliminary")
    with pytest.raises(FileNotFoundError, match="Expected the folder of a study"):
        StudyFolder(folder / "study").read()
    assert not (folder / "study").exists()


@pytest.mark.parametrize(
    ("names", "lines", "message"),
    [
        (["BETTA"], [], "BETTA, which is neither"),
        (["vae.beta"], ["vae.betta = 1"], "betta"),
        ([], ["dataset.name = 'dumy'"], "name of a data set"),
    ],
)
def test_wrong_gin_lines_are_found_before_a_study_starts(folder, names, lines, message):
    files, study = [str(folder / "tiny.gin")], StudyFolder(folder / "study")
    with pytest.raises(ValueError, match=message):
        check_macros(names, files, lines)
        check_points(grid_points(files, [], lines), study)
