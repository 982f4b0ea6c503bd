"""Reports: reading results of every layout, groups over seeds, the normalised sum, damaged files."""

import csv
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from run_helpers import rows_of

from tfdis.export.results import read_results
from tfdis.files.json_object import DamagedFileError
from tfdis.report.build import build_report
from tfdis.report.markdown import to_markdown
from tfdis.report.read import find_results
from tfdis.report.scores import SUM, is_headline, label, metric_name, numbers_of
from tfdis.report.statistics import describe, normalised_sum
from tfdis.report.tables import group_cell, group_labels, number
from tfdis.report.write import write_tables

FUNCTIONS = {
    "irs": "irs",
    "mig": "mig",
    "sap_score": "sap_score",
    "dci": "dci",
    "factor_vae_metric": "factor_vae_score",
}


def write_step(results, step, config, values):
    """One step as disentanglement_lib writes it: json/, and aggregate/ of all steps so far."""
    folder = results / "json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{step}_config.json").write_text(json.dumps(config, indent=2))
    (folder / f"{step}_results.json").write_text(json.dumps(values, indent=2))
    joined = {}
    for path in sorted(folder.iterdir()):
        content = json.loads(path.read_text())
        joined |= {f"{path.stem}.{key}": value for key, value in content.items()}
    (results / "aggregate").mkdir(exist_ok=True)
    (results / "aggregate" / f"{step}.json").write_text(json.dumps(joined))


def write_evaluation(run, metric, scores, seed=0, beta="4.0", train=None, config=None, **results):
    """The results folder of one metric of a run of the old disentanglement_lib (no provenance)."""
    folder = Path(run) / "metrics" / "mean" / metric / "results"
    bindings = {
        "dataset.name": "'dsprites_full'",
        "model.model": "@vae()",
        "model.random_seed": str(seed),
        "model.name": f"'run {seed}'",
        "vae.beta": beta,
        "encoder.num_latent": "10",
    }
    write_step(folder, "train", bindings, {"loss": 1.0, "uuid": f"train {run}", **(train or {})})
    postprocess = {
        "dataset.name": "'dsprites_full'",
        "postprocess.postprocess_fn": "@mean_representation",
    }
    write_step(folder, "postprocess", postprocess, {"uuid": f"postprocess {run}"})
    evaluation = {
        "dataset.name": "'dsprites_full'",
        "evaluation.evaluation_fn": f"@{FUNCTIONS[metric]}",
        "evaluation.random_seed": "0",
        **(config or {}),
    }
    times = {"elapsed_time": 2.5, "uuid": f"evaluation {run} {metric}"}
    write_step(folder, "evaluation", evaluation, {**scores, **times, **results})
    return folder


def write_mig(run, value, **options):
    return write_evaluation(run, "mig", {"discrete_mig": value}, **options)


@pytest.fixture
def study(tmp_path):
    """Two configurations with three seeds each, below output/<number> as dlib_reproduce has them."""
    for index, (beta, seed, mig) in enumerate(
        [
            ("4.0", 0, 0.1),
            ("4.0", 1, 0.2),
            ("4.0", 2, 0.3),
            ("16.0", 0, 0.5),
            ("16.0", 1, 0.7),
            ("16.0", 2, 0.6),
        ]
    ):
        run = tmp_path / "output" / str(index)
        write_mig(run, mig, seed=seed, beta=beta)
        write_evaluation(run, "sap_score", {"SAP_score": 0.01 * index}, seed=seed, beta=beta)
    return tmp_path / "output"


def test_labels_of_groups_leave_out_what_a_group_does_not_set(tmp_path, write_point):
    for name in ("vae.beta", "factor_vae.gamma"):
        for value in ("4.0", "6.0"):
            bindings = {"model.model": f"@{name.partition('.')[0]}()", name: value}
            write_point(tmp_path, name + value, 0, {"mig/discrete_mig": 0.5}, bindings)
    labels = group_labels(build_report([tmp_path]))
    assert labels[:2] == ["factor_vae, factor_vae.gamma=4.0", "factor_vae, factor_vae.gamma=6.0"]
    assert labels[2:] == ["vae, vae.beta=4.0", "vae, vae.beta=6.0"]


def test_a_row_a_run_and_a_row_a_configuration(study):
    report = build_report([study])
    assert list(report.runs["run"]) == list("012345")
    assert report.keys == ["model", "data set", "provenance", "representation", "vae.beta"]
    assert list(report.groups["vae.beta"]) == ["4.0", "16.0"]  # By size, not by text.
    first = report.runs.iloc[0]
    assert (first["model"], first["data set"], first["representation"]) == (
        "vae",
        "dsprites_full",
        "mean",
    )
    assert first["provenance"] == "not stated"
    assert list(report.runs["mig/discrete_mig"]) == [0.1, 0.2, 0.3, 0.5, 0.7, 0.6]
    assert report.common["encoder.num_latent"] == "10"
    group = report.groups.iloc[0]
    assert group["mig/discrete_mig/mean"] == pytest.approx(0.2)
    assert group["mig/discrete_mig/std"] == pytest.approx(0.1)
    # t_{0.975, 2} = 4.302653, from tables.
    assert group["mig/discrete_mig/high"] == pytest.approx(0.2 + 4.302653 * 0.1 / math.sqrt(3))
    assert (group["runs"], group["seeds"]) == (3, "0 1 2")
    assert report.unreadable == [] and report.notes == []


def test_the_best_run_of_a_group(study):
    by_default = build_report([study]).groups.iloc[1]
    assert (by_default["best run"], by_default["best by"]) == ("5", "sap/SAP_score")
    by_mig = build_report([study], best_by="mig/discrete_mig").groups.iloc[1]
    assert (by_mig["best run"], by_mig["best by"]) == ("4", "mig/discrete_mig")
    with pytest.raises(ValueError, match=r"mig/discrete_mig.*Received: 'mig'"):
        build_report([study], best_by="mig")


def test_runs_given_twice_and_copies_are_one_run(study, tmp_path):
    shutil.copytree(study / "0", tmp_path / "copies" / "of 0")
    report = build_report([tmp_path, study, study / "0"])
    assert len(report.runs) == 6


def test_layouts_of_train_and_of_any_folder(tmp_path):
    # bin/train: results of the training lie in the run's folder itself.
    write_mig(tmp_path / "train", 0.4)
    bindings = {
        "dataset.name": "'dsprites_full'",
        "model.model": "@vae()",
        "model.random_seed": "0",
    }
    write_step(
        tmp_path / "train" / "results", "train", bindings, {"uuid": f"train {tmp_path / 'train'}"}
    )
    # dlib_evaluate --output_dir may be anything.
    source = write_mig(tmp_path / "hidden", 0.5)
    source.parent.rename(tmp_path / "elsewhere")
    # Trained, not scored.
    provenance = {"dataset_provenance": "re-rendered", "uuid": "new"}
    write_step(tmp_path / "fresh" / "model" / "results", "train", bindings, provenance)
    runs = build_report([tmp_path]).runs.set_index("run")
    assert set(runs.index) == {"train", "elsewhere", "fresh"}
    assert runs.loc["elsewhere", "mig/discrete_mig"] == 0.5
    assert runs.loc["fresh", "provenance"] == "re-rendered"
    assert runs.loc["fresh", "mig/discrete_mig"] is None


def test_aggregates_are_read_where_the_single_files_are_gone(tmp_path):
    folder = write_mig(tmp_path / "run", 0.4, seed=3)
    expected = read_results(folder)
    shutil.rmtree(folder / "json")
    assert read_results(folder) == expected
    assert build_report([tmp_path]).runs.iloc[0]["seed"] == "3"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"discrete_mig": 0.', "is not JSON"),
        (b"", "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[1, 2]", "received a list"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"uuid": "a"}', "holds no scores"),
        (None, "is missing"),
    ],
)
def test_a_corrupt_file_is_named_and_the_rest_is_reported(study, content, reason):
    path = study / "1" / "metrics" / "mean" / "mig" / "results" / "json" / "evaluation_results.json"
    path.write_bytes(content) if content is not None else path.unlink()
    report = build_report([study])
    assert [bad.path for bad in report.unreadable] == [path]
    assert reason in report.unreadable[0].reason
    assert list(report.runs["sap/SAP_score"]) == [0.01 * index for index in range(6)]
    assert report.groups.iloc[0]["mig/discrete_mig/mean"] == pytest.approx((0.1 + 0.3) / 2)
    assert report.groups.iloc[0]["mig/discrete_mig/n"] == 2
    assert str(path) in to_markdown(report)


def test_nan_is_shown_counted_and_left_out(tmp_path):
    for seed, value in enumerate([0.2, float("nan"), 0.4, None]):
        write_mig(tmp_path / str(seed), value, seed=seed)
    report = build_report([tmp_path])
    group = report.groups.iloc[0]
    assert (group["mig/discrete_mig/n"], group["mig/discrete_mig/non_finite"]) == (2, 2)
    assert group["mig/discrete_mig/mean"] == pytest.approx(0.3)
    assert group_cell(group, "mig/discrete_mig").endswith("(n=2, 2 not finite)")
    assert "| NaN |" in to_markdown(report)


def test_other_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        build_report([tmp_path / "nowhere"])
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="is a file"):
        build_report([tmp_path / "file"])
    with pytest.raises(ValueError, match="without any"):
        build_report([tmp_path])
    with pytest.raises(ValueError, match="confidence between 0 and 1"):
        build_report([tmp_path], confidence=95)
    folder = write_mig(tmp_path / "run", 0.1)
    (folder / "json" / "train_config.json").write_text("{")
    with pytest.raises(ValueError, match="none of 1 can be read.*train_config.json"):
        build_report([tmp_path])
    with pytest.raises(DamagedFileError, match="train_config.json: is not JSON"):
        read_results(folder)


def test_results_of_other_steps_are_noted_and_left_out(study):
    write_step(study / "udr" / "results", "udr", {}, {"model_scores": [0.1]})
    report = build_report([study])
    assert len(report.runs) == 6 and report.unreadable == []
    assert report.notes == [
        f"{study / 'udr' / 'results'} has no results of train, postprocess or evaluation: left out."
    ]


def test_what_a_reader_has_to_know_is_noted(tmp_path):
    write_mig(tmp_path / "a", 0.1, config={"mig.num_train": "1000"})
    write_mig(tmp_path / "b", 0.2, config={"mig.num_train": "10000"})
    bindings = {"model.model": "@vae()"}
    write_step(tmp_path / "b" / "model" / "results", "train", bindings, {"uuid": "another"})
    notes = "\n".join(build_report([tmp_path]).notes)
    assert "mig on dsprites_full was not computed alike: mig.num_train is 1000 or 10000" in notes
    assert "Same configuration and seed" in notes and "a, b" in notes
    assert f"{tmp_path / 'b'} was trained again" in notes


def test_a_metric_with_another_seed_is_another_column(tmp_path):
    write_mig(tmp_path / "run", 0.1)
    folder = write_mig(
        tmp_path / "run", 0.2, config={"evaluation.random_seed": "1"}, uuid="another"
    )
    folder.parent.rename(folder.parent.with_name("mig_seed_1"))
    write_mig(tmp_path / "run", 0.1)
    run = build_report([tmp_path]).runs.iloc[0]
    assert (run["mig/discrete_mig"], run["mig (seed 1)/discrete_mig"]) == (0.1, 0.2)
    assert label("mig (seed 1)/discrete_mig") == "MIG (seed 1)"


def test_another_data_set_than_that_of_the_training_is_said(tmp_path):
    write_mig(
        tmp_path / "run",
        0.1,
        config={"dataset.name": "'cars3d'"},
        train={"dataset_provenance": "re-rendered"},
    )
    run = build_report([tmp_path]).runs.iloc[0]
    assert (run["data set"], run["trained on"]) == ("cars3d", "dsprites_full")
    assert run["provenance"] == "not stated"  # It is that of the other set.


# Table 1 of the study of six VAEs: DCI, FactorVAE, SAP, MIG, IRS, and the sum that it prints.
TABLE = {
    "beta-TCVAE": (0.392, 0.458, 0.132, 0.203, 0.646, 4.706),
    "FactorVAE": (0.389, 0.449, 0.136, 0.203, 0.577, 4.611),
    "beta-VAE": (0.373, 0.501, 0.135, 0.212, 0.517, 4.599),
    "InfoVAE": (0.381, 0.523, 0.128, 0.210, 0.514, 4.591),
    "DIP-VAE-I": (0.385, 0.587, 0.127, 0.188, 0.358, 4.351),
    "DIP-VAE-II": (0.359, 0.584, 0.111, 0.163, 0.340, 4.023),
}
COLUMNS = [
    "dci/disentanglement",
    "factor_vae/eval_accuracy",
    "sap/SAP_score",
    "mig/discrete_mig",
    "irs/IRS",
]


def test_normalised_sum_is_that_of_the_published_table():
    rows = np.array(list(TABLE.values()))
    found = normalised_sum(pd.DataFrame(rows[:, :5], columns=COLUMNS))
    # Scores are printed with three digits: each of five terms is good to about 0.5 %.
    np.testing.assert_allclose(found, rows[:, 5], atol=0.012)


def test_normalised_sum_needs_all_five_scores():
    table = pd.DataFrame([[0.2] * 5, [0.4] * 4 + [np.nan]], columns=COLUMNS)
    assert list(normalised_sum(table).isna()) == [False, True]
    assert normalised_sum(table)[0] == pytest.approx(4 * 0.5 + 1)
    table["irs/IRS"] = 0.0
    assert normalised_sum(table).isna().all()
    assert normalised_sum(table.drop(columns="irs/IRS")).isna().all()


def test_normalised_sum_compares_within_a_data_set_only(tmp_path):
    full = {"dci": {"disentanglement": 0.4}, "factor_vae_metric": {"eval_accuracy": 0.8}}
    full |= {"sap_score": {"SAP_score": 0.1}, "mig": {"discrete_mig": 0.2}}
    for name, factor, data_set in [("a", 1, "dsprites_full"), ("b", 0.5, "cars3d")]:
        for metric, scores in full.items():
            values = {score: factor * value for score, value in scores.items()}
            write_evaluation(
                tmp_path / name, metric, values, config={"dataset.name": f"'{data_set}'"}, beta=name
            )
        write_evaluation(
            tmp_path / name,
            "irs",
            {"IRS": 0.6 * factor},
            config={"dataset.name": f"'{data_set}'"},
            beta=name,
        )
    report = build_report([tmp_path])
    assert list(report.runs[SUM]) == pytest.approx([5.0, 5.0])
    assert list(report.groups[SUM]) == pytest.approx([5.0, 5.0])


def test_intervals():
    found = describe([1.0, 2.0, 3.0], confidence=0.9)
    # t_{0.95, 2} = 2.919986, from tables.
    assert found["low"] == pytest.approx(2 - 2.919986 / math.sqrt(3))
    bootstrap = describe([0.0, 1.0] * 50, "bootstrap")
    # The mean of 100 coins has the standard deviation 0.05.
    assert bootstrap["low"] == pytest.approx(0.5 - 1.96 * 0.05, abs=0.011)
    assert bootstrap["high"] == pytest.approx(0.5 + 1.96 * 0.05, abs=0.011)
    single = describe([0.4])
    assert single["mean"] == 0.4 and math.isnan(single["std"]) and math.isnan(single["low"])
    nothing = describe([float("inf")])
    assert (nothing["n"], nothing["non_finite"]) == (0, 1) and math.isnan(nothing["mean"])


@pytest.mark.long
def test_student_intervals_cover_the_truth_as_often_as_they_say():
    draws = np.random.RandomState(0).normal(0.5, 0.1, size=[2000, 4])
    covered = [found["low"] < 0.5 < found["high"] for found in map(describe, draws)]
    # Binomial with p = 0.95: standard deviation 0.005.
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_names_of_scores():
    assert metric_name({"evaluation.evaluation_fn": "@sap_score"}) == "sap"
    trees = {"predictor.predictor_fn": "@gradient_boosting_classifier"}
    trees["evaluation.evaluation_fn"] = "@downstream_task"
    assert metric_name(trees) == "downstream_task_boosted_trees"
    assert metric_name({"evaluation.evaluation_fn": "@tfdis.evaluation.mcc"}) == "mcc"
    assert numbers_of({"a": 1, "b": True, "c": "text", "uuid": 3, "d": [1], "e": 10**400}) == {
        "a": 1.0,
        "e": float("inf"),
    }
    assert is_headline("downstream_task_boosted_trees/100:mean_test_accuracy")
    assert not is_headline("downstream_task_boosted_trees/100:test_accuracy_factor_0")
    assert number(-0.12345) == "-0.123"
    # Completeness is not called DCI, nor is anything else.
    headings = [
        label(f"dci/{part}") for part in ("disentanglement", "completeness", "informativeness_test")
    ]
    assert headings == ["DCI disentanglement", "DCI completeness", "DCI informativeness"]


def test_no_name_is_a_spreadsheets_formula(tmp_path):
    for name in ("=cmd()", "-2+3", "+x", "-1.5"):
        write_mig(tmp_path / "in" / name, 0.5, beta=name)
    write_tables(build_report([tmp_path / "in"]), tmp_path)
    rows = rows_of(tmp_path / "runs.csv")
    assert {row["run"] for row in rows} == {"'=cmd()", "'-2+3", "'+x", "-1.5"}
    assert {row["vae.beta"] for row in rows} == {"'=cmd()", "'-2+3", "'+x", "-1.5"}


def test_tables_hold_all_digits_and_escape(tmp_path):
    write_mig(tmp_path / "in" / "a|b <c>", 0.123456789012345, beta="1|2")
    write_mig(tmp_path / "in" / "other", 0.2, beta="3")
    write_tables(build_report([tmp_path / "in"]), tmp_path)
    rows = rows_of(tmp_path / "runs.csv")
    assert [row["run"] for row in rows] == ["other", "a|b <c>"]
    assert float(rows[1]["mig/discrete_mig"]) == 0.123456789012345
    text = (tmp_path / "report.md").read_text()
    assert "a\\|b &lt;c>" in text and "<c>" not in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines[:4]}) == 1
    with open(tmp_path / "groups.csv", newline="") as file:
        assert next(csv.DictReader(file))["mig/discrete_mig/n"] == "1"


def test_many_settings_are_one_column_of_markdown(tmp_path):
    for index in range(2):
        config = {f"metric.option_{number}": "1" for number in range(3)}
        folder = write_mig(tmp_path / str(index), 0.1, config=config)
        path = folder / "json" / "train_config.json"
        bindings = {f"model.option_{number}": str(index) for number in range(6)}
        path.write_text(json.dumps(json.loads(path.read_text()) | bindings))
    report = build_report([tmp_path])
    heading = next(line for line in to_markdown(report).splitlines() if line.startswith("| model"))
    assert "| settings |" in heading and "option_0" not in heading
    assert "model.option_0=1, model.option_1=1" in to_markdown(report)
    assert "model.option_0" in report.groups.columns


def test_find_results_does_not_look_into_modules_and_hidden_folders(tmp_path):
    expected = write_mig(tmp_path / "run", 0.1)
    for hidden in (".partial-abc-run", "tfhub"):
        (tmp_path / hidden / "results" / "json").mkdir(parents=True)
    assert find_results([tmp_path, expected]) == [expected]


def test_each_method_at_its_best_and_scores_against_scores(tmp_path):
    for seed in range(6):
        for beta, skill in (("1.0", 0.2), ("4.0", 0.6)):
            values = {"discrete_mig": skill + 0.01 * seed}
            run = tmp_path / f"{beta} {seed}"
            write_evaluation(run, "mig", values, seed, beta)
            write_evaluation(run, "sap_score", {"SAP_score": -values["discrete_mig"]}, seed, beta)
    report = build_report([tmp_path])
    best = report.methods.set_index("score")
    assert best.loc["mig/discrete_mig", "mean"] == pytest.approx(0.625)
    assert best.loc["sap/SAP_score", "mean"] == pytest.approx(-0.225)
    assert set(best["runs"]) == {6} and set(best["model"]) == {"vae"}
    table = report.correlations.set_index("score")
    assert table.loc["mig/discrete_mig", "sap/SAP_score"] == pytest.approx(-1.0)
    text = to_markdown(report)
    assert "0.625 ± 0.019 (vae.beta=4.0)" in text and "0.019 (vae.beta=1.0)" in text
    assert "| MIG | -1.00 | 1.00 |" in text
    write_tables(report, tmp_path)
    assert {"methods.csv", "correlations.csv"} <= {path.name for path in tmp_path.iterdir()}


def test_few_runs_of_one_configuration_have_neither(study):
    report = build_report([study])
    assert not len(report.correlations) and "Rank" not in to_markdown(report).partition("How to")[0]
