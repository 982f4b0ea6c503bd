"""Score curves: what is drawn, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from tfdis.plots import score_curves
from tfdis.plots.run import plot_run
from tfdis.plots.score_curves import plot_score_curves

LOG = "step,mig/discrete_mig,r2/linear,r2/linear/factor_0,infomec/num_active\n"


@pytest.fixture
def logs(tmp_path):
    for name, values in (
        ("one", "0,0.1,0.2,0.3,4\n100,0.2,0.3,0.4,5\n"),
        ("two", "0,0.3,0.1,0,3\n"),
    ):
        (tmp_path / f"{name}.csv").write_text(LOG + values)
    return {name: tmp_path / f"{name}.csv" for name in ("one", "two")}


def test_one_panel_a_score_and_one_line_a_run(logs, tmp_path, monkeypatch):
    drawn = {}

    def record(figure, path, overwrite):
        for axes in figure.axes:
            if axes.get_visible():
                drawn[axes.get_title(loc="left")] = [line.get_xydata() for line in axes.lines]
        return path

    monkeypatch.setattr(score_curves, "save_figure", record)
    plot_score_curves(logs, tmp_path / "curves.png")
    assert set(drawn) == {"mig: discrete mig", "r2: linear"}
    first, second = drawn["mig: discrete mig"]
    np.testing.assert_array_equal(first, [[0, 0.1], [100, 0.2]])
    np.testing.assert_array_equal(second, [[0, 0.3]])


def test_a_picture_is_written_and_not_overwritten(logs, tmp_path):
    path = plot_score_curves(logs, tmp_path / "curves.png")
    with Image.open(path) as picture:
        assert min(picture.size) > 100
    with pytest.raises(FileExistsError):
        plot_score_curves(logs, path)


def test_no_runs_and_no_scores_are_refused(tmp_path):
    with pytest.raises(ValueError, match="one or more runs"):
        plot_score_curves({}, tmp_path / "curves.png")
    (tmp_path / "empty.csv").write_text(LOG)
    with pytest.raises(ValueError, match="at least one row"):
        plot_score_curves({"empty": tmp_path / "empty.csv"}, tmp_path / "curves.png")


@pytest.mark.long
@pytest.mark.usefixtures("one_pixel_each")
def test_a_run_that_was_scored_gets_its_curves(run, logs):
    (run / "scores.csv").write_text(logs["one"].read_text())
    assert any(path.endswith("score_curves.png") for path in plot_run(run))
