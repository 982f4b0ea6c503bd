"""results.parquet: a row for each score, added to without touching the others."""

import dataclasses
import json

import pandas as pd
import pytest
from run_helpers import write_step

from tfdis.report.study import VERSIONS_FILE
from tfdis.sweeps.point import Step
from tfdis.sweeps.results import Results
from tfdis.sweeps.work import Kind, Outcome


def _train(folder, point, seed):
    config = {
        "model.model": "@vae()",
        "model.random_seed": str(seed),
        "dataset.name": "'dummy_data'",
        "vae.beta": "4.0",
    }
    results = {"elapsed_time": 2.0, "uuid": "u", "dataset_provenance": "generated"}
    write_step(folder.at(point, "model"), "train", config, results)
    folder.at(point, VERSIONS_FILE).write_text('{"tfdis": "9"}')


def _score(folder, point, value):
    config = {"evaluation.evaluation_fn": "@mig", "evaluation.random_seed": "5"}
    results = {"discrete_mig": value, "elapsed_time": 1.0, "uuid": "m", "other": None}
    write_step(folder.at(point, "metrics/mean/mig"), "evaluation", config, results)


@pytest.fixture
def scored(study):
    folder, points = study
    step = Step("metrics/mean/mig", "postprocessed/mean", "mig.gin")
    return folder, [dataclasses.replace(point, metrics=(step,)) for point in points]


def test_every_score_is_a_row_with_what_it_depends_on(scored):
    folder, points = scored
    _train(folder, points[0], 7)
    _score(folder, points[0], 0.25)
    _train(folder, points[1], 8)
    results = Results(folder, points)
    results.write()
    table = pd.read_parquet(results.path)
    assert table["point"].tolist() == ["a", "a", "b"]
    row = table.iloc[0]
    assert (row["metric"], row["score"], row["value"]) == ("mig", "discrete_mig", 0.25)
    assert (row["model"], row["data_set"], row["seed"]) == ("vae", "dummy_data", 7)
    assert (row["provenance"], row["representation"], row["metric_seed"]) == (
        "generated",
        "mean",
        5,
    )
    assert json.loads(row["configuration"])["vae.beta"] == "4.0"
    assert json.loads(row["versions"]) == {"tfdis": "9"}
    assert table["value"].isna().tolist() == [False, True, True]  # NaN, and no score at all.


def test_rows_are_added_and_replaced_and_the_others_stay(scored):
    folder, points = scored
    for seed, point in enumerate(points[:2]):
        _train(folder, point, seed)
        _score(folder, point, 0.5)
    Results(folder, points).write()
    _score(folder, points[0], 0.75)  # Noted: replaced. Not noted: as it was.
    _score(folder, points[1], 0.75)
    _train(folder, points[2], 2)
    results = Results(folder, points)
    results(Outcome("a", Kind.DONE))
    results.write()
    table = pd.read_parquet(results.path).dropna(subset="value").set_index("point")
    assert table["value"].to_dict() == {"a": 0.75, "b": 0.5}
    assert set(pd.read_parquet(results.path)["point"]) == {"a", "b", "c"}
    _score(folder, points[2], 1.0)  # By another command.
    results.write()
    table = pd.read_parquet(results.path).dropna(subset="value").set_index("point")
    assert table["value"].to_dict() == {"a": 0.75, "b": 0.5, "c": 1.0}


def test_udr_is_a_row_that_is_computed_anew_with_more_seeds(scored):
    folder, points = scored

    def write_udr(value):
        config = {"evaluation.evaluation_fn": "@udr_sklearn", "evaluation.random_seed": "0"}
        write_step(folder.at(points[0], "metrics/mean/udr"), "evaluation", config, {"UDR": value})

    _train(folder, points[0], 0)
    _score(folder, points[0], 0.5)
    Results(folder, points).write()
    for value, changed in ((0.25, ()), (0.75, ["a"])):
        write_udr(value)
        results = Results(folder, points)
        results.write(changed)
        table = pd.read_parquet(results.path).dropna(subset="value").set_index("score")
        assert table["value"].to_dict() == {"discrete_mig": 0.5, "UDR": value}
        assert table.loc["UDR", ["metric", "representation"]].tolist() == ["udr_sklearn", "mean"]


def test_seed_consistency_is_in_the_table_beside_udr(scored):
    folder, points = scored
    _train(folder, points[0], 0)
    Results(folder, points).write()
    scores = {"matched": 0.75, "same_place": 0.5}
    for name, values in (("udr_sklearn", {"UDR": 0.25}), ("seed_consistency", scores)):
        config = {"evaluation.evaluation_fn": f"@{name}", "evaluation.random_seed": "0"}
        place = f"metrics/mean/{name.removesuffix('_sklearn')}"
        write_step(folder.at(points[0], place), "evaluation", config, values)
    results = Results(folder, points)
    results.write()
    table = pd.read_parquet(results.path).set_index("score")
    assert table["value"].to_dict() == {"UDR": 0.25, **scores}
    assert table.loc["matched", "metric"] == "seed_consistency"


def test_nothing_is_written_of_nothing(scored):
    folder, points = scored
    results = Results(folder, points)
    results.write()
    assert not results.path.exists()
