"""docs/custom_model_and_metric.md, word by word: disentanglement_lib's steps with an own model and metric."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, commands, write_blocks

PAGE = ROOT / "docs" / "custom_model_and_metric.md"
FILES = ("custom.py", "model.gin", "metric.gin", "use.py", "commands.sh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("custom")
    write_blocks(PAGE, FILES, folder)
    return folder


@pytest.mark.exhaustive
def test_from_python(folder):
    code = (folder / "use.py").read_text() + "\nprint(json.dumps(results))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    results = json.loads(result.stdout.splitlines()[-1])
    shares = results["evaluation_results.share_of_variance"]
    assert len(results["train_config.model.model"]) == 4
    assert sum(value is not None for value in shares.values()) == 2
    assert set(results["train_config.model.model"].values()) == {"@bottleneck_vae()", "@vae()"}


@pytest.mark.long
def test_from_the_commands(folder, start_command):
    for command, *flags in commands((folder / "commands.sh").read_text()):
        result = start_command(Path(command).name, *flags, cwd=folder)
        assert result.returncode == 0, f"{command} {flags}\n{result.stderr}"
    run = folder / "runs/vae"
    config = json.loads((run / "model/results/json/train_config.json").read_text())
    assert config["bottleneck_vae.target"] == "5.0"
    header = (run / "model/training_log.csv").read_text().splitlines()[0]
    assert "bottleneck" in header
    scores = json.loads(
        (run / "metrics/mean/share/results/json/evaluation_results.json").read_text()
    )
    assert 0.25 <= scores["share_of_variance"] <= 1
    assert "evaluation_results.share_of_variance" in (folder / "runs/results.json").read_text()
