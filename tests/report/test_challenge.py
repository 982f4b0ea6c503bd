"""The challenge's table, of result files as the command leaves them."""

import csv
import json

from tfdis.registry import METRICS
from tfdis.report.challenge import SCORES, write_table


def _write_run(folder, data_set, scores):
    config = folder / "model" / "results" / "json"
    config.mkdir(parents=True)
    (config / "train_config.json").write_text(json.dumps({"dataset.name": f"'{data_set}'"}))
    for name, score in zip(SCORES.values(), scores, strict=True):
        metric, _, key = name.partition("/")
        path = folder / "metrics" / "mean" / METRICS[metric].folder / "results" / "json"
        path.mkdir(parents=True)
        (path / "evaluation_results.json").write_text(json.dumps({key: score}))


def test_the_table_has_means_deviations_and_sums(tmp_path):
    _write_run(tmp_path / "method" / "seed_10", "d", [0.9, 0.5, 0.1, 0.6, 0.2])
    _write_run(tmp_path / "method" / "seed_2", "d", [0.7, 0.5, 0.3, 0.4, 0.2])
    _write_run(tmp_path / "pixels" / "seed_0", "d", [0.1, 0.2, 0.3, 0.4, 0.5])
    (tmp_path / "method" / "seed_11" / "model").mkdir(parents=True)
    lines = write_table(tmp_path, "stage 9").splitlines()
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
    with open(tmp_path / "scores.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["system"], row["seed"]) for row in rows] == [
        ("stage 9", "2"),
        ("stage 9", "10"),
        ("beta-VAE on pixels", "0"),
    ]
