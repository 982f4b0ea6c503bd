"""dlib_aggregate_results: many results in one file, by disentanglement_lib's own code."""

import json

import pandas as pd
import pytest

from tfdis.dlib.aggregate_results import aggregate_results

PATTERN = "*/results/aggregate/evaluation.json"


def _write(folder, name, content):
    path = folder / name / "results" / "aggregate" / "evaluation.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)


def test_a_row_a_result(start_command, tmp_path):
    for name, score in (("a", 0.25), ("b", 0.5)):
        _write(tmp_path, name, json.dumps({"evaluation_results.discrete_mig": score, "seed": 3}))
    _write(tmp_path, "c", '{"evaluation_results.discrete_mig": NaN}')
    result = start_command(
        "dlib_aggregate_results", f"--result_file_pattern={tmp_path / PATTERN}", cwd=tmp_path
    )
    assert result.returncode == 0, result.stderr
    table = pd.read_json(tmp_path / "results.json", orient="columns").set_index("path")
    scores = table["evaluation_results.discrete_mig"]
    assert scores[str(tmp_path / "a/results/aggregate/evaluation.json")] == 0.25
    assert scores[str(tmp_path / "b/results/aggregate/evaluation.json")] == 0.5
    assert scores.isna()[str(tmp_path / "c/results/aggregate/evaluation.json")]
    assert len(table) == 3


def test_no_result_is_one_clear_error(start_command, tmp_path):
    result = start_command("dlib_aggregate_results", cwd=tmp_path)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "output/*/metrics" in line and "Traceback" not in result.stderr
    assert not (tmp_path / "results.json").exists()


@pytest.mark.parametrize("content", ['{"a": 1', "[1, 2]"])
def test_a_corrupt_result_is_named_and_nothing_written(tmp_path, content):
    _write(tmp_path, "good", '{"a": 1}')
    _write(tmp_path, "bad", content)
    output = tmp_path / "results.json"
    output.write_text("before")
    with pytest.raises(ValueError, match="bad/results"):
        aggregate_results(str(tmp_path / PATTERN), str(output))
    assert output.read_text() == "before"


def test_the_output_is_no_result(tmp_path):
    _write(tmp_path, "a", '{"a": 1}')
    (result,) = tmp_path.glob(PATTERN)
    with pytest.raises(ValueError, match="matches, too"):
        aggregate_results(str(tmp_path / PATTERN), str(result))
    with pytest.raises(IsADirectoryError, match="folder"):
        aggregate_results(str(tmp_path / PATTERN), str(tmp_path))
    assert result.read_text() == '{"a": 1}'
