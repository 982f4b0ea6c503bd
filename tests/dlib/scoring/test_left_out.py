"""Metrics without a value are left out by the commands, with their reason; reports say it."""

import json

import pytest

import tfdis.dlib
from tfdis.dlib import NotComputableError, commands, step
from tfdis.dlib.scoring.left_out import LeftOut, read_left_out
from tfdis.evaluation.chosen import metrics_by_name
from tfdis.report.runs import collect_runs

FEW = ["mig.num_train = 100", "irs.num_train = 100", "dci.num_train = 100", "dci.num_test = 50"]


@pytest.fixture(scope="module")
def one_latent(export_projection):
    return str(export_projection("dummy_data", dim=1))


def runs_of(names, folder):
    return metrics_by_name(names, str(folder / "metrics" / "mean"), 100, FEW)


def test_others_are_scored_and_the_report_says_why(one_latent, tmp_path):
    left_out = commands.evaluate_all(one_latent, runs_of(["mig", "irs"], tmp_path))
    assert list(left_out) == ["mig"]
    folder = tmp_path / "metrics" / "mean"
    assert sorted(path.name for path in folder.iterdir()) == ["irs", "left_out.json"]
    assert read_left_out(folder) == {"mig": "Expected at least 2 latents. Received: 1."}
    (run,), unreadable, notes = collect_runs([tmp_path])
    assert not unreadable
    assert {name.partition("/")[0] for name in run.scores} == {"irs"}
    assert any("mig is left out: Expected at least 2 latents" in note for note in notes)


def test_where_no_metric_has_a_value_it_is_an_error(one_latent, tmp_path):
    with pytest.raises(NotComputableError, match="mig: Expected at least 2 latents.*dci: Expected"):
        commands.evaluate_all(one_latent, runs_of(["mig", "dci"], tmp_path))
    with pytest.raises(NotComputableError, match="at least 2 latents"):
        tfdis.dlib.evaluate(
            one_latent, str(tmp_path / "mig"), ["unsupervised_study_v1/metric_configs/mig.gin"]
        )
    assert not (tmp_path / "mig").exists()


def test_a_metric_that_has_a_value_after_all_is_no_longer_noted(tmp_path):
    note = LeftOut().note
    note(str(tmp_path / "mig"), "too few latents")
    note(str(tmp_path / "dci"), "too few factors")
    note(str(tmp_path / "mig"), None)
    assert read_left_out(tmp_path) == {"dci": "too few factors"}


def test_a_damaged_note_is_named_by_the_report(one_latent, tmp_path):
    commands.evaluate_all(one_latent, runs_of(["irs"], tmp_path))
    path = tmp_path / "metrics" / "mean" / "left_out.json"
    path.write_text("[1, 2")
    (_,), unreadable, _ = collect_runs([tmp_path])
    assert [bad.path for bad in unreadable] == [path]


def test_a_score_that_is_nan_is_refused(tmp_path):
    folder = tmp_path / "results" / "json"
    folder.mkdir(parents=True)
    (folder / "evaluation_results.json").write_text(json.dumps({"a": float("nan"), "b": 1.0}))
    with pytest.raises(NotComputableError, match="NaN for a"):
        step._check_numbers(str(tmp_path))
