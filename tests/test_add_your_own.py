"""docs/add_your_own.md, word by word: one file of a user's own takes part everywhere, and nothing is edited."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from pages import ROOT, commands, write_blocks

PAGE = ROOT / "docs" / "add_your_own.md"
FILES = ("mine.py", "use.py", "mine.gin", "features.gin", "commands.sh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the page's code in files of their own."""
    folder = tmp_path_factory.mktemp("own")
    write_blocks(PAGE, FILES, folder)
    return folder


@pytest.mark.long
def test_from_python(folder, start_command):
    show = "\nimport json; print(json.dumps(scores)); print(json.dumps(model.get_config()))"
    (folder / "shown.py").write_text((folder / "use.py").read_text() + show)
    result = start_command(folder / "shown.py", cwd=folder)
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout.splitlines()[-2])
    assert scores["spread/largest"] >= scores["spread/smallest"] > 0
    saved = result.stdout.splitlines()[-1]
    assert all(name in saved for name in ("Sparsity", "AbsoluteLoss", "HalvingSchedule"))


@pytest.mark.long
def test_from_gin_and_the_commands(folder, start_command):
    for command, *flags in commands((folder / "commands.sh").read_text()):
        result = start_command(Path(command).name, *flags, cwd=folder)
        assert result.returncode == 0, f"{command} {flags}\n{result.stderr}"
    run = folder / "runs" / "mine"
    config = json.loads((run / "results/json/train_config.json").read_text())
    assert config["tiny_encoder.units"] == "32"
    assert config["sparse_vae.sparsity"] == "@halving_schedule()"
    assert (run / "results/gin/train.gin").read_text().startswith("import mine\n")
    rows = [line.split(",") for line in (run / "training_log.csv").read_text().splitlines()]
    assert "sparsity" in rows[0]
    scores = json.loads(
        (run / "metrics/mean/spread/results/json/evaluation_results.json").read_text()
    )
    assert scores["largest"] >= scores["smallest"] > 0
    assert (run / "dlib_mig/results").is_dir()
    assert np.load(folder / "runs/features/features.npy").shape == (64, 8)


@pytest.mark.long
def test_a_point_of_an_own_study_is_one_command(folder, start_command):
    described = ("--import=mine", "--study=sparsities", "--seeds=0:1", "--output_dir=runs/study")
    result = start_command("study", *described, "--print_commands", cwd=folder)
    lines = result.stdout.splitlines()
    assert len(lines) == 4, result.stderr
    flags = shlex.split(lines[2])[4:]
    assert start_command("study", *flags, cwd=folder).returncode == 0
    point = folder / "runs/study/points/sparsity=1.0,seed=0"
    config = json.loads((point / "model/results/json/train_config.json").read_text())
    assert config["halving_schedule.start"] == "1.0"
    assert (point / "metrics/mean/spread/results").is_dir()
    again = start_command("study", *described, "--print_commands", cwd=folder)
    assert again.stdout.splitlines() == [line for line in lines if line != lines[2]]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent_module", "Expected --import of a module.*absent_module"),
        ("folder/mine.py", "Expected --import=MODULE.*Fix: --import=mine"),
        ("broken", "No module named 'package_that_is_not_there'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_line(start_command, tmp_path, name, message):
    (tmp_path / "broken.py").write_text("import package_that_is_not_there\n")
    result = start_command("train", f"--import={name}", "--gin_file=gin/betavae.gin", cwd=tmp_path)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert re.search(message, result.stderr), result.stderr


def test_without_the_module_its_names_are_unknown(start_command, folder, tmp_path):
    result = start_command("dataset_stats", "--dataset=bars", cwd=tmp_path)
    assert result.returncode == 1
    assert "Received: 'bars'" in result.stderr and "--import=my_module" in result.stderr
