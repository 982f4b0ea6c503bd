"""The challenge's gin files: each step's files are there and parse together."""

import pathlib

import gin
import pytest

from tfdis.runs.challenge import check_factors, read_challenge_config

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("stage", ["stage1", "stage2"])
@pytest.mark.parametrize("bindings", [[], ["WEIGHTS = None", "BACKBONE = @vgg16"]])
def test_every_step_s_files_parse(stage, bindings, monkeypatch):
    monkeypatch.chdir(ROOT)
    own = f"gin/papers/{stage}/arm3d.gin"
    config = read_challenge_config([own], bindings)
    assert config.system == f"stage {stage[-1]}"
    assert bool(config.finetune) == (stage == "stage2") != bool(config.extractor)
    with_images = [*config.data, own]
    for files in (
        [*config.data, *config.extractor, own],
        [*config.vae, own],
        [*config.pixels, *with_images],
        [*config.finetune, own],
    ):
        gin.clear_config()
        gin.parse_config_files_and_bindings(files, bindings)
        name = gin.get_bindings("dataset").get("name")
        assert name == ("features" if files[0] in config.vae else name)
        if files[-len(with_images) :] == with_images:
            assert name == "arm3d_real"


def test_files_that_are_no_challenge_are_refused(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises((RuntimeError, TypeError), match="challenge"):
        read_challenge_config(["gin/data/xysquares.gin"], [])


def test_a_factor_of_one_value_is_refused_by_name():
    bindings = ["dataset.name = 'arm3d_toy'", "arm3d.factor_sizes = (2, 1, 1, 1, 1, 1, 1)"]
    pytest.importorskip("mujoco")
    with pytest.raises(ValueError, match="one value of object shape, object size"):
        check_factors([], bindings)
