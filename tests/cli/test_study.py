"""bin/study on this machine: two tiny models from start to scores, resumed, reported; bad flags."""

import json
import os
import re

import numpy as np
import pandas as pd
import pytest

import tfdis

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


@pytest.fixture
def folder(tmp_path):
    """A folder with a gin file."""
    (tmp_path / "tiny.gin").write_text(TINY)
    return tmp_path


@pytest.fixture
def study(start_command, folder):
    def start(*flags, output="study"):
        return start_command("study", f"--output_dir={output}", *flags, cwd=folder)

    return start


def _weights(model):
    import keras

    import tfdis.models  # noqa: F401

    return keras.models.load_model(model / "model.keras").get_weights()


@pytest.mark.long
def test_a_study_is_done_added_to_and_reported(study, start_command, folder):
    described = ["--gin_file=tiny.gin", "--grid=model.random_seed=0:2"]
    result = study(*described, "--steps=train")
    assert result.returncode == 0, result.stderr
    points = folder / "study" / "points"
    assert sorted(os.listdir(points)) == ["random_seed=0", "random_seed=1"]
    flags = ("--gin_file=tiny.gin", "--gin_bindings=model.random_seed = 1", "--model_dir=alone")
    assert start_command("train", *flags, cwd=folder).returncode == 0
    for ours, alone in zip(
        _weights(points / "random_seed=1" / "model"), _weights(folder / "alone"), strict=True
    ):
        np.testing.assert_array_equal(ours, alone)
    # The folder of a point is one of bin/train: the same command finds its run complete there.
    model = f"--model_dir={points / 'random_seed=1' / 'model'}"
    again = start_command("train", *flags[:2], model, cwd=folder)
    assert again.returncode == 0 and "is complete" in again.stderr
    trained = {path: path.stat().st_mtime_ns for path in points.glob("*/model/run.json")}
    # Another metric later trains nothing again.
    result = study(*described, "--metrics=unsupervised")
    assert result.returncode == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in trained} == trained
    assert len(list(points.glob("*/metrics/mean/unsupervised/results"))) == 2
    assert study("--status").stdout == "2 done, 0 running, 0 waiting, 0 failed\n"
    table = pd.read_parquet(folder / "study" / "results.parquet")
    assert table.groupby("point").seed.unique().str[0].to_dict() == {
        "random_seed=0": 0,
        "random_seed=1": 1,
    }
    assert set(table.metric) == {"unsupervised"} and table.value.notna().all()
    assert json.loads(table.versions[0])["tfdis"] == tfdis.__version__
    report = start_command("report", "study", "--output_dir=report", cwd=folder)
    assert report.returncode == 0, report.stderr
    rows = (folder / "report" / "runs.csv").read_text().splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == ["random_seed=0", "random_seed=1"]
    # What is done is not done again; another study has no place here.
    assert study(*described).returncode == 0
    other = study(*described, "--gin_bindings=BETA = 3.0")
    assert other.returncode == 1 and "another one: + BETA = 3.0" in other.stderr


def test_what_is_not_trained_is_not_scored_and_has_not_failed(study, folder):
    from tfdis.sweeps.folder import StudyFolder
    from tfdis.sweeps.point import Point

    StudyFolder(folder / "study").write("s", [Point("a").with_metrics(["mig"])])
    result = study("--steps=score")
    assert result.returncode == 0 and "1 points are not trained yet: left out" in result.stderr
    assert study("--status").stdout == "0 done, 0 running, 1 waiting, 0 failed\n"


def test_a_dry_run_measures_and_writes_nothing(study, folder):
    flags = ("--gin_file=tiny.gin", "--seeds=0:4", "--gin_bindings=model.training_steps = 5000")
    result = study(*flags, "--dry_run")
    first, kind, training, disk = result.stdout.splitlines()
    assert first == "0 done, 0 running, 4 waiting, 0 failed"
    assert re.fullmatch(
        r"vae on dummy_data: 4 models x 5,000 updates of [\d.]+ ms = [\d.]+ hours", kind
    )
    assert "runs at a time" in training and re.fullmatch(r"disk: 0\.0\d GB for the models", disk)
    assert not (folder / "study").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--study=preliminary"], "Expected the name of a study"),
        (["--study=test", "--models=5:2"], "--models=FIRST:END"),
        (["--gin_file=absent.gin"], "Expected a gin file. Received: absent.gin"),
        (["--gin_file=tiny.gin", "--grid=vae.betta=1,2"], "betta"),
        (["--gin_file=tiny.gin", "--grid=BETTA=1,2"], "BETTA, which is neither"),
        (["--gin_file=tiny.gin", "--grid=dataset.name='dumy'"], "name of a data set"),
        (["--gin_file=tiny.gin", "--metrics=migg"], "name of a metric"),
        (["--gin_file=tiny.gin", "--steps=trian"], "--steps of train, score, draw"),
        (["--gin_file=tiny.gin", "--cpus_per_run=0"], "cpus_per_run of at least 1"),
        (["--status"], "Expected the folder of a study"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(study, folder, flags, message):
    result = study(*flags)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert message in result.stderr, result.stderr
    assert not (folder / "study" / "points").exists()


def test_status_names_failures_and_their_logs(study, folder):
    from tfdis.sweeps.folder import StudyFolder
    from tfdis.sweeps.point import Point

    StudyFolder(folder / "study").write("s", [Point("a"), Point("b")])
    place = folder / "study" / "points" / "a"
    place.mkdir(parents=True)
    (place / "failed.json").write_text(json.dumps({"error": "Expected more."}))
    result = study("--status")
    first, failed, log = result.stdout.splitlines()
    assert first == "0 done, 0 running, 1 waiting, 1 failed" and result.returncode == 2
    assert failed == "failed a: Expected more." and log.strip() == str(place / "log.txt")
