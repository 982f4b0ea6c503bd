"""bin/evaluate: a run scored with many metrics, as a user starts it."""

import json
import os
import shutil

import pytest

from tfdis.evaluation.chosen import metrics_by_name

SMALL = [
    "--gin_bindings=mig.num_train = 30",
    "--gin_bindings=irs.num_train = 30",
    "--num_train=40",
]


def _error_lines(result):
    return [line for line in result.stderr.splitlines() if line.startswith("error: ")]


@pytest.mark.long
def test_a_run_is_postprocessed_and_scored(start_command, export_projection, tmp_path):
    model = export_projection("dummy_data", signature="gaussian_encoder")
    shutil.copytree(model, tmp_path / "run" / "model")
    small = [flag for flag in SMALL if "irs" not in flag]
    flags = ["--model_dir=run", "--metrics=mig,mcc", "--random_seed=3", *small]
    result = start_command("evaluate", *flags, "--nokeep_codes", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(tmp_path / "run/postprocessed/mean")) == ["results", "tfhub"]
    assert sorted(os.listdir(tmp_path / "run")) == ["metrics", "model", "postprocessed"]
    assert sorted(os.listdir(tmp_path / "run/metrics/mean")) == ["mcc", "mig"]
    for name, score in (("mig", "discrete_mig"), ("mcc", "strong")):
        path = tmp_path / f"run/metrics/mean/{name}/results/aggregate/evaluation.json"
        aggregate = json.loads(path.read_text())
        assert 0 <= aggregate[f"evaluation_results.{score}"] <= 1
        assert aggregate["evaluation_config.evaluation.random_seed"] == "3"
        assert aggregate["evaluation_config.evaluation.name"] == f"'{name}'"
        # The last words on standard output are the scores.
        value = f"{aggregate[f'evaluation_results.{score}']:.4f}"
        assert value in result.stdout.split()
    assert "\nMIG  " in f"\n{result.stdout}"
    # Again, after a kill: only what is missing is computed.
    before, time = path.read_text(), path.stat().st_mtime_ns
    shutil.rmtree(tmp_path / "run/metrics/mean/mig")
    result = start_command(
        "evaluate", "--model_dir=run", "--metrics=mig,mcc", "--random_seed=3", *small, cwd=tmp_path
    )
    assert result.returncode == 0 and "with the same settings: mcc." in result.stderr
    assert path.stat().st_mtime_ns == time and (tmp_path / "run/metrics/mean/mig").is_dir()
    # With another seed: the scores are there.
    result = start_command("evaluate", "--model_dir=run", "--metrics=irs,mcc", cwd=tmp_path)
    assert result.returncode == 1
    (line,) = _error_lines(result)
    assert "run/metrics/mean/mcc" in line
    assert path.read_text() == before and not (tmp_path / "run/metrics/mean/irs").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    "flags, message",
    [
        (["--model_dir=run", "--metrics=mgi"], "did you mean 'mig'"),
        (["--model_dir=nowhere", "--metrics=mig"], "nowhere, which does not exist"),
    ],
)
def test_bad_input_is_one_line(start_command, tmp_path, flags, message):
    result = start_command("evaluate", *flags, cwd=tmp_path)
    assert result.returncode == 1
    (line,) = _error_lines(result)
    assert message in line and "Traceback" not in result.stderr
    assert not any("results" in folder for folder, _, _ in os.walk(tmp_path))


def test_all_metrics():
    runs = metrics_by_name(["all"], "out")
    names = [os.path.basename(folder) for _, folder, _ in runs]
    assert len(names) == len(set(names))
    assert {"mig", "dci", "irs", "sap_score", "mcc", "infomec"} <= set(names)
    # Those that need most images come first.
    assert names[:2] == ["beta_vae_sklearn", "factor_vae_metric"]
    assert [names[0]] == [
        os.path.basename(folder) for _, folder, _ in metrics_by_name(["beta_vae"], "o")
    ]


@pytest.mark.long
def test_scores_of_before_a_model_was_trained_further_are_refused_then_replaced(
    start_command, export_projection, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(export_projection("dummy_data", signature="gaussian_encoder"), run)
    flags = ["--metrics=mcc", *SMALL, "--nokeep_codes"]
    assert start_command("evaluate", f"--model_dir={run}", *flags).returncode == 0
    assert start_command("evaluate", f"--model_dir={run}", *flags).returncode == 0
    (run / "metrics/mean/mig").mkdir()  # Another score of the same state.
    train = "results/json/train_results.json"
    results = json.loads((run / train).read_text())
    (run / train).write_text(json.dumps(results | {"uuid": "trained further"}))
    before = (run / "metrics/mean/mcc" / train).read_text()
    result = start_command("evaluate", f"--model_dir={run}", *flags)
    (line,) = _error_lines(result)
    assert result.returncode == 1 and "trained further" in line and "--overwrite" in line
    assert (run / "metrics/mean/mcc" / train).read_text() == before
    result = start_command("evaluate", f"--model_dir={run}", *flags, "--overwrite")
    assert result.returncode == 0, result.stderr
    for folder in ("postprocessed/mean", "metrics/mean/mcc"):
        assert json.loads((run / folder / train).read_text())["uuid"] == "trained further"
    assert sorted(os.listdir(run / "metrics/mean")) == ["mcc"]
