"""The one table of metrics: its rows are disentanglement_lib's files and ours, and every name finds its row."""

import os

import gin
import pytest

from tfdis.configuration import configured
from tfdis.dlib.configs import find_config, find_configs
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import metric_names
from tfdis.evaluation.metric import Metric, find_metric
from tfdis.registry import METRICS
from tfdis.report.scores import SUM, has_best, is_headline, label, metric_name

DRIVEN = [metric for metric in METRICS.values() if metric.gin_file]


def test_every_file_of_dlibs_study_has_a_row():
    files = find_configs("unsupervised_study_v1/metric_configs/*.gin")
    assert {os.path.basename(path) for path in files} <= {
        os.path.basename(metric.gin_file) for metric in DRIVEN
    }


@pytest.mark.parametrize("metric", DRIVEN, ids=lambda metric: metric.name)
def test_a_row_says_what_its_gin_file_says(metric):
    install()
    from disentanglement_lib.evaluation import evaluate  # noqa: F401

    with configured([find_config(metric.gin_file)], []):
        function = gin.query_parameter("evaluation.evaluation_fn")
        assert function.selector.rpartition(".")[2] == metric.evaluation_fn
        bound = {"evaluation.evaluation_fn": f"@{metric.evaluation_fn}"}
        if metric.predictor:
            predictor = gin.query_parameter("predictor.predictor_fn")
            assert predictor.selector.rpartition(".")[2] == metric.predictor
            bound["predictor.predictor_fn"] = f"@{metric.predictor}"
    assert metric_name(bound) == metric.name


def test_every_name_means_one_metric():
    names = [name for metric in METRICS.values() for name in metric.names]
    assert len(names) == len(set(names))
    for metric in METRICS.values():
        assert all(find_metric(name) is metric for name in metric.names)


def test_score_and_reports_call_a_metric_by_one_name():
    assert "modularity_explicitness" in metric_names()
    name = metric_name({"evaluation.evaluation_fn": "@modularity_explicitness"})
    assert label(f"{name}/modularity_score") == "modularity"
    assert label(f"{name} (seed 1)/explicitness_score_test") == "explicitness (seed 1)"


def test_fairness_has_one_column_which_says_that_it_is_unfairness():
    scores = ["mean_fairness:mean_pred:mean_sens", "max_fairness:mean_pred:mean_sens"]
    scores += ["mean_fairness:pred0:sens1", "mean_fairness:mean_sens:mean_pred"]
    assert [name for name in scores if is_headline(f"fairness/{name}")] == scores[:1]
    assert label(f"fairness/{scores[0]}") == "unfairness"
    assert not has_best(f"fairness/{scores[0]}")


@pytest.mark.parametrize("is_better", [True, False])
def test_a_metric_says_what_tables_show_and_which_value_is_best(monkeypatch, is_better):
    row = Metric("own", None, "own", headings={"a": "A"}, higher_is_better=is_better)
    monkeypatch.setitem(METRICS.data, "own", row)
    for name in ("own", "own (seed 1)"):
        assert is_headline(f"{name}/a") and not is_headline(f"{name}/b")
        assert has_best(f"{name}/a") == is_better and not has_best(f"{name}/b")


def test_of_a_metric_without_headings_all_scores_are_shown(monkeypatch):
    monkeypatch.setitem(METRICS.data, "own", Metric("own", None, "own"))
    assert is_headline("own/a") and is_headline("own/b") and not is_headline("own/a_train")
    assert not has_best("own/a") and has_best(SUM)


def test_a_metric_that_needs_images_says_so():
    from tfdis.evaluation import score

    with pytest.raises(ValueError, match="Expected a metric of codes alone.*bin/evaluate"):
        score([[0.0], [1.0]], [[0], [1]], ["fairness"])
