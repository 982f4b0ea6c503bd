"""The challenge's table, of result files as the command and the study leave them."""

import json

import pytest
from run_helpers import rows_of, write_step

from tfdis.registry import METRICS
from tfdis.report.build import build_report
from tfdis.report.challenge import SCORES, write_table
from tfdis.report.markdown import to_markdown
from tfdis.report.paper_figures import figures_of
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point


def _write_run(folder, data_set, scores, config="challenge.system = 'stage 9'\n"):
    trained = {"dataset.name": f"'{data_set}'", "model.model": "@vae()"}, {"uuid": folder.name}
    write_step(folder / "model", "train", *trained)
    (folder / "model" / "run.json").write_text(json.dumps({"config": config}))
    for name, score in zip(SCORES.values(), scores, strict=True):
        metric, _, key = name.partition("/")
        place = folder / "metrics" / "mean" / METRICS[metric].folder
        write_step(place, "train", *trained)
        settings = {"evaluation.evaluation_fn": f"@{METRICS[metric].evaluation_fn}"}
        write_step(place, "evaluation", settings, {key: score, "uuid": f"{folder.name} {metric}"})


@pytest.fixture
def runs(tmp_path):
    """A folder of points, scored but for one."""
    points = tmp_path / "points"
    _write_run(points / "method,seed=10", "d", [0.9, 0.5, 0.1, 0.6, 0.2])
    _write_run(points / "method,seed=2", "d", [0.7, 0.5, 0.3, 0.4, 0.2])
    _write_run(points / "pixels,seed=0", "d", [0.1, 0.2, 0.3, 0.4, 0.5])
    (points / "method,seed=11" / "model").mkdir(parents=True)
    (points / "method,features").mkdir()
    return tmp_path


def test_the_table_has_means_deviations_and_sums(runs):
    lines = write_table(runs).splitlines()
    assert lines[0] == ("| system | data set | seeds | FactorVAE | DCI | SAP | IRS | MIG | sum |")
    # Deviation of two numbers that differ by .2: .2 / sqrt(2).
    assert lines[2] == (
        "| stage 9 | d | 2 | 0.800 ± 0.141 | 0.500 ± 0.000 | 0.200 ± 0.141 | 0.500 ± 0.141 "
        "| 0.200 ± 0.000 | 2.200 ± 0.141 |"
    )
    assert lines[3] == (
        "| beta-VAE on pixels | d | 1 | 0.100 | 0.200 | 0.300 | 0.400 | 0.500 | 1.500 |"
    )
    assert len(lines) == 4
    rows = rows_of(runs / "scores.csv")
    assert [(row["system"], row["seed"]) for row in rows] == [
        ("stage 9", "2"),
        ("stage 9", "10"),
        ("beta-VAE on pixels", "0"),
    ]


def test_the_study_shows_the_same_table(runs):
    write_table(runs)
    rows = rows_of(runs / "scores.csv")
    folder = StudyFolder(runs / "study")
    names = (
        "method,features",
        "method,seed=2",
        "method,seed=10",
        "method,seed=11",
        "pixels,seed=0",
    )
    metrics = ["factor_vae", "dci", "sap", "irs", "mig"]
    points = [Point(name).with_metrics(metrics * ("seed" in name)) for name in names]
    folder.write("challenge", points)
    (runs / "points").rename(folder.points_dir)
    (figure,) = figures_of(folder.path)
    assert figure.title == "Scores of the challenge (1 of 4 points are missing)"
    assert figure.table["system"].tolist() == ["stage 9", "beta-VAE on pixels"]
    assert figure.table["runs"].tolist() == [2, 1]
    for column, score in {**SCORES, "sum": "sum"}.items():
        values = [float(row[column]) for row in rows]
        assert figure.table[f"{score}/mean"].tolist() == pytest.approx(
            [sum(values[:2]) / 2, values[2]]
        )
        assert figure.table[f"{score}/std"][0] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    text = to_markdown(build_report([folder.path]))
    assert "| runs | FactorVAE | DCI disentanglement | SAP | IRS | MIG | sum |" in text
    assert "| beta-VAE on pixels | d | 1 | 0.100 | 0.200 | 0.300 | 0.400 | 0.500 | 1.500 |" in text


def test_a_run_that_does_not_name_its_method_is_called_so(tmp_path):
    """Its file may be damaged, too."""
    for name, config in (("method,seed=0", ""), ("random,seed=0", None)):
        _write_run(tmp_path / "points" / name, "d", [0.1] * 5, config)
    assert "| method | d | 1 |" in write_table(tmp_path)
    assert "| method, random backbone | d | 1 |" in write_table(tmp_path)
