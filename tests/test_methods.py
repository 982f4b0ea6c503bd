"""docs/methods.md has one row for every registered model, with its file, its paper and its cost."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from tfdis import models, registry

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = [
    *("method", "paper", "formula", "checked against", "cost"),
    *("where paper and code differ", "file"),
]


def _rows(text):
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert rows[0] == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[2:]]


def _by_name(text):
    """Row of each name in backticks in the first column."""
    found = {}
    for row in _rows(text):
        for name in re.findall(r"`(\w+)`", row["method"]):
            assert name not in found, f"{name} has two rows"
            found[name] = row
    return found


PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8").partition("\n## ")[0]


def test_every_model_has_a_row_and_no_row_is_of_nothing():
    found = _by_name(PAGE)
    assert set(models.MODELS) <= set(found)
    assert set(found) <= set(models.MODELS) | set(registry.OBJECTIVES)


@pytest.mark.parametrize("name", sorted(_by_name(PAGE)))
def test_a_row_is_whole(name):
    row = _by_name(PAGE)[name]
    assert all(row.values()), row
    file, *_ = re.findall(r"`([\w/]+\.py)`", row["file"])
    found = models.MODELS[name] if name in models.MODELS else registry.OBJECTIVES[name]
    if name in models.MODELS:
        assert ROOT / file == Path(inspect.getfile(found)).resolve()
        assert re.match(r"(\d+(\.\d+)?|not measured)\b", row["cost"])
    assert (ROOT / file).is_file()
    for paper in re.findall(r"arXiv:\d{4}\.\d{5}", row["paper"]):
        assert name not in models.MODELS or paper in inspect.getdoc(found), paper


def test_a_model_without_a_row_is_seen():
    without = "\n".join(line for line in PAGE.splitlines() if not line.startswith("| `gvae`"))
    assert set(models.MODELS) - set(_by_name(without)) == {"gvae"}


def test_the_benchmark_of_all_models_has_a_setting_for_each():
    path = ROOT / "benchmarks" / "models.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_models", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    assert {label.split(",")[0] for label in benchmark.CONFIGURATIONS} == set(models.MODELS)
