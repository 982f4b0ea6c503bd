"""dlib_evaluate and dlib_postprocess as a user starts them."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

BIN = pathlib.Path(__file__).parents[2] / "bin"
MIG = "unsupervised_study_v1/metric_configs/mig.gin"


def _error_lines(result):
    return [line for line in result.stderr.splitlines() if line.startswith("error: ")]


@pytest.mark.parametrize("command", ["dlib_evaluate", "dlib_postprocess"])
def test_help_needs_no_tensorflow(start_command, command):
    result = start_command(command, "--help")
    assert result.returncode == 0
    for flag in ("--output_dir", "--gin_config", "--gin_bindings", "--[no]overwrite"):
        assert flag in result.stdout
    assert "disentanglement_lib 1.5" in result.stdout
    check = f"import sys, tfdis.cli.{command}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=BIN.parent).returncode == 0


@pytest.mark.parametrize("command", ["dlib_evaluate", "dlib_postprocess"])
def test_missing_flag(start_command, command):
    result = start_command(command)
    assert result.returncode == 1
    first = {"dlib_evaluate": "input", "dlib_postprocess": "model"}[command]
    expected = (
        f"error: Expected --{first}_dir=VALUE and --output_dir=VALUE. Received: none. Fix: --help"
    )
    assert result.stderr.startswith(expected)


@pytest.mark.long
def test_postprocess_then_evaluate_a_pattern(start_command, export_projection, tmp_path):
    model = export_projection("dummy_data", signature="gaussian_encoder")
    config = "unsupervised_study_v1/postprocess_configs/mean.gin"
    result = start_command(
        "dlib_postprocess",
        f"--model_dir={model}",
        "--output_dir=mean",
        f"--gin_config={config}",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    for name, num_train in (("few", 40), ("more", 60)):
        (tmp_path / f"{name}.gin").write_text(
            "evaluation.evaluation_fn = @mig\nevaluation.random_seed = 0\ndataset.name = 'auto'\n"
            "discretizer.discretizer_fn = @histogram_discretizer\ndiscretizer.num_bins = 20\n"
            f"mig.num_train = {num_train}\n"
        )
    arguments = ["--input_dir=mean", "--output_dir=metrics"]
    arguments.append("--gin_evaluation_config_glob=*.gin")
    result = start_command("dlib_evaluate", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(tmp_path / "metrics")) == ["few", "more"]
    with open(tmp_path / "metrics" / "few" / "results" / "aggregate" / "evaluation.json") as file:
        aggregate = json.load(file)
    assert aggregate["evaluation_config.evaluation.name"] == "'few'"
    assert aggregate["evaluation_config.mig.num_train"] == "40"
    assert 0 <= aggregate["evaluation_results.discrete_mig"] <= 1
    # Again: one of the folders is there, so nothing is done at all.
    result = start_command("dlib_evaluate", *arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert len(_error_lines(result)) == 1 and "metrics/few" in _error_lines(result)[0]


@pytest.mark.long
@pytest.mark.parametrize(
    "changed, message",
    [
        ({"--gin_bindings": "mig.num_trian=3"}, "num_trian"),
        ({"--gin_config": "mig.gin"}, "mig.gin"),
        ({"--input_dir": "nowhere"}, "nowhere/tfhub"),
    ],
)
def test_bad_input_is_one_line(start_command, export_projection, tmp_path, changed, message):
    arguments = {
        "--input_dir": str(export_projection("dummy_data")),
        "--output_dir": "m",
        "--gin_config": MIG,
        "--gin_bindings": "mig.num_train=20",
    }
    flags = [f"{key}={value}" for key, value in (arguments | changed).items()]
    result = start_command("dlib_evaluate", *flags, cwd=tmp_path)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (line,) = _error_lines(result)
    assert message in line
    assert os.listdir(tmp_path) == []
