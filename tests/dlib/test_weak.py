"""dlib_train_weakly_supervised: the gin names of disentanglement_lib's repository train here."""

import functools
import json
import pathlib

import gin
import numpy as np
import pytest
from PIL import Image

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams import pairs
from tfdis.dlib import weak
from tfdis.dlib.configs import find_config

CONFIG = "tests/methods/weakly_supervised/train_test.gin"
# All of the 10 factors of dummy_data may be drawn anew.
BINDINGS = ["model.eval_steps = 1", "dynamics.k = 10"]


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_writes_what_disentanglement_lib_writes_once_and_draws_pairs(tmp_path):
    """From the file that disentanglement_lib ships for the part that its package lacks."""
    run = tmp_path / "run"
    weak.train_weakly_supervised(str(run), [CONFIG], BINDINGS)
    for name in ("tfhub/saved_model.pb", "results/gin/train.gin", "results/aggregate/train.json"):
        assert (run / name).is_file()
    config = json.loads((run / "results/json/train_config.json").read_text())
    assert config["model.model"] == "@group_vae_argmax()"
    assert config["group_vae.beta"] == "1.0" and config["dynamics.k"] == "10"
    assert config["pairs.sampling"] == "'dlib'"
    written = (run / "results/json/train_results.json").read_text()
    assert np.isfinite(json.loads(written)["loss"])
    with Image.open(run / "visualizations/weak/animation.gif") as animation:
        assert animation.n_frames == 2
    # The second time nothing is done, and other pictures are kept.
    (run / "visualizations/mine.txt").write_text("mine")
    weak.train_weakly_supervised(str(run), [CONFIG], BINDINGS)
    assert (run / "results/json/train_results.json").read_text() == written
    assert (run / "visualizations/mine.txt").is_file()


@pytest.mark.parametrize(
    ("name", "base", "model"),
    [
        ("group_vae_argmax", "group_vae", "AdaGVAE"),
        ("group_vae_labels", "group_vae", "GVAE"),
        ("mlvae_argmax", "mlvae", "AdaMLVAE"),
        ("mlvae_labels", "mlvae", "MLVAE"),
    ],
)
def test_names_stand_for_models(name, base, model):
    build = gin.get_configurable(name)
    with pytest.raises(ValueError, match=rf"{name}\.beta"):
        build()
    gin.parse_config(f"{base}.beta = 3.")
    built = build()
    assert isinstance(built, functools.partial)
    assert built.func.__name__ == model and built.keywords == {"beta": 3.0}
    gin.parse_config(f"{name}.beta = 5.")
    assert build().keywords == {"beta": 5.0}


@pytest.mark.parametrize("k", [-1, 1, 6])
def test_k_is_the_number_of_factors_that_are_drawn_anew(k):
    gin.parse_config([*weak._PAIRS, f"dynamics.k = {k}"])
    data = get_named_ground_truth_data("xysquares")
    seen = []
    draw = pairs.sample_pairs

    def watch(data, batch_size, state, sampling, num_differing, *options):
        seen.append((sampling, num_differing))
        return draw(data, batch_size, state, sampling, num_differing, *options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "sample_pairs", watch)
        next(iter(pairs.pair_stream(data, batch_size=2, seed=0, num_batches=1)))
    assert set(seen) == {("dlib", None if k == -1 else k)}


@pytest.mark.parametrize("k", [0, -2])
def test_impossible_k_is_one_clear_error(k):
    with pytest.raises(ValueError, match=f"dynamics.k.*Received: {k}"):
        weak.dynamics(k)


@pytest.mark.long
def test_command(start_command, tmp_path):
    text = pathlib.Path(find_config(CONFIG)).read_text()
    (tmp_path / "mine.gin").write_text(text.replace("group_vae_argmax", "mlvae_labels"))
    start = functools.partial(start_command, "dlib_train_weakly_supervised", cwd=tmp_path)
    result = start(
        "--model_dir=run",
        "--gin_model_dir=.",
        "--gin_file_name=mine.gin",
        "--gin_bindings=mlvae.beta = 2.",
        "--gin_bindings=model.eval_steps = 1",
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "run/tfhub/saved_model.pb").is_file()
    result = start("--model_dir=other")
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "what to train" in line
