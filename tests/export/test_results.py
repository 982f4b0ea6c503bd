"""Result folders have disentanglement_lib's names and contents."""

import json
import os

import gin
import numpy as np
import pytest

from tfdis.export.results import (
    operative_gin_config,
    parse_gin_bindings,
    read_data_set_name,
    read_gin_bindings,
    write_results,
)

TRAIN = "# Parameters for dataset:\n# ====\ndataset.name = 'dsprites_full'\n\nvae.beta = 4.0\n"


def _read(path):
    with open(path) as file:
        return json.load(file)


def test_layout_and_contents(tmp_path):
    folder = tmp_path / "results"
    results = {"loss": np.float32(1.5), "steps": np.int64(3), "table": np.eye(2), "nan": np.nan}
    write_results(str(folder), "train", results, TRAIN)
    found = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert found == [
        "aggregate/train.json",
        "gin/train.gin",
        "json/train_config.json",
        "json/train_results.json",
    ]
    assert (folder / "gin" / "train.gin").read_text() == TRAIN
    config = _read(folder / "json" / "train_config.json")
    assert config == {"dataset.name": "'dsprites_full'", "vae.beta": "4.0"}
    written = _read(folder / "json" / "train_results.json")
    assert (written["loss"], written["steps"]) == (1.5, 3)
    assert written["table"] == [[1.0, 0.0], [0.0, 1.0]]
    assert np.isnan(written["nan"])
    assert len(written["uuid"]) == 36
    aggregate = _read(folder / "aggregate" / "train.json")
    assert aggregate["train_config.vae.beta"] == "4.0"
    assert aggregate["train_results.uuid"] == written["uuid"]
    assert os.listdir(tmp_path) == ["results"]


def test_a_later_step_adds_to_a_copy(tmp_path):
    write_results(str(tmp_path / "a"), "train", {"loss": 1}, TRAIN)
    write_results(str(tmp_path / "b"), "postprocess", {}, "dataset.name = 'x'", str(tmp_path / "a"))
    aggregate = _read(tmp_path / "b" / "aggregate" / "postprocess.json")
    assert aggregate["train_results.loss"] == 1
    assert aggregate["postprocess_config.dataset.name"] == "'x'"
    assert read_data_set_name(str(tmp_path / "b"), "train") == "dsprites_full"
    assert not (tmp_path / "a" / "gin" / "postprocess.gin").exists()


def test_an_existing_folder_is_added_to(tmp_path):
    write_results(str(tmp_path / "a"), "train", {"loss": 1}, TRAIN)
    write_results(str(tmp_path / "a"), "evaluation", {"mig": 0.5}, "")
    assert sorted(os.listdir(tmp_path / "a" / "json")) == [
        "evaluation_config.json",
        "evaluation_results.json",
        "train_config.json",
        "train_results.json",
    ]


def test_a_result_that_is_not_data_changes_nothing(tmp_path):
    write_results(str(tmp_path / "a"), "train", {"loss": 1}, TRAIN)
    with pytest.raises(TypeError, match="Expected results of numbers"):
        write_results(str(tmp_path / "a"), "train", {"loss": object()}, TRAIN)
    assert _read(tmp_path / "a" / "json" / "train_results.json")["loss"] == 1


def test_the_operative_gin_config_is_the_default(tmp_path):
    @gin.configurable(module="tests.export")
    def some_step(sizes):
        return sizes

    gin.bind_parameter("some_step.sizes", list(range(100)))
    try:
        some_step()
        write_results(str(tmp_path / "a"), "train", {})
    finally:
        gin.clear_config()
    bindings = read_gin_bindings(str(tmp_path / "a" / "gin" / "train.gin"))
    # Longer than gin's default line: it must not be broken.
    assert bindings["some_step.sizes"] == str(list(range(100)))


def test_broken_lines_are_joined():
    text = "a.b = \\\n    [1,\n     2]\nimport x.y\n\nscope/c.d = 'e = f'\n# g.h = 1\n"
    assert parse_gin_bindings(text) == {"a.b": "[1, 2]", "scope/c.d": "'e = f'"}


def test_missing_data_set_name(tmp_path):
    write_results(str(tmp_path / "a"), "train", {}, "vae.beta = 4.0\n")
    with pytest.raises(ValueError, match="dataset.name"):
        read_data_set_name(str(tmp_path / "a"), "train")


def test_macros_are_written_as_their_values():
    @gin.configurable(module="test_results")
    def spam(name, size):
        return name, size

    gin.parse_config("NAME = 'eggs'\nOTHER = %NAME\nspam.name = %OTHER\nspam.size = 3")
    spam()
    bindings = parse_gin_bindings(operative_gin_config())
    assert bindings["spam.name"] == "'eggs'"
    assert bindings["spam.size"] == "3"
    assert max(map(len, operative_gin_config().splitlines())) <= 100
