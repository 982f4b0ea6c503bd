"""bin/perceived_distance: what it writes, and how it refuses."""

import json

import pandas as pd
import pytest


@pytest.fixture
def run(start_command, tmp_path):
    def start(*flags):
        return start_command("perceived_distance", *flags, f"--output_dir={tmp_path / 'out'}")

    return start


@pytest.mark.long
def test_writes_table_plots_and_settings(run, tmp_path):
    flags = ["--dataset=xysquares", "--gin_bindings=xysquares.num_placements = 2", "--exhaustive"]
    result = run(*flags, "--loss=box_blur_mse_loss")
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "out"
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "cumulative.png",
        "distances.csv",
        "distances.md",
        "overlap.csv",
        "overlap.png",
        "settings.json",
    }
    table = pd.read_csv(folder / "distances.csv", index_col="factor")
    assert len(table) == 7 and table.index[0] == "random" and table["exhaustive"].all()
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["provenance"] == "generated" and settings["loss"] == "box_blur_mse_loss"
    assert settings["ordering"] == list(table.index[1:])
    assert (folder / "cumulative.png").read_bytes()[:4] == b"\x89PNG"
    assert len((folder / "distances.md").read_text().splitlines()) == 2 + 2 + 7


@pytest.mark.long
def test_says_re_rendered_and_shows_the_paper(run, tmp_path):
    result = run("--gin_file=gin/data/dsprites_full.gin", "--num_pairs=50")
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "out" / "distances.md").read_text()
    assert "re-rendered" in text and "paper_mean" in text and "0.05840" in text


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "Expected --dataset=NAME"),
        (["--dataset=xysquare"], "did you mean 'xysquares'?"),
        (["--dataset=xysquares", "--loss=no_loss"], "no_loss"),
        (["--dataset=xysquares", "--num_pairs=1"], "num_pairs"),
        (["--gin_file=absent.gin"], "absent.gin"),
    ],
)
def test_one_line_and_nothing_written(run, tmp_path, flags, message):
    result = run(*flags)
    assert result.returncode == 1 and message in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "out").exists()
