"""Scores over a number and by category: what is drawn where, and what is refused."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from PIL import Image

from tfdis.plots import grouped_scores
from tfdis.plots.grouped_scores import RANGE, plot_score_columns, plot_score_lines
from tfdis.plots.seed_scores import SeedScores

NAN = float("nan")
TWO = SeedScores([0.1, 0.3], 0.2, 0.05, 0.35)
ONE = SeedScores([0.6], 0.6, NAN, NAN)


def _dots(axes):
    found = [c.get_offsets() for c in axes.collections if isinstance(c, PathCollection)]
    return np.concatenate(found).tolist()


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved."""
    found = []
    monkeypatch.setattr(grouped_scores, "save_figure", lambda figure, *_: found.append(figure))
    return found


def test_lines_go_through_means_with_dots_and_bands(drawn):
    panels = {"MIG": {"a": {8: ONE, 1: TWO}, "b": {4: ONE}}, "DCI": {"a": {2: TWO}}}
    plot_score_lines(panels, "unused.png", "spacing", "Title")
    first, second = drawn[0].axes
    np.testing.assert_array_equal(first.lines[0].get_xydata(), [[1, 0.2], [8, 0.6]])
    np.testing.assert_array_equal(first.lines[1].get_xydata(), [[4, 0.6]])
    assert _dots(first) == [[1, 0.1], [1, 0.3], [8, 0.6], [4, 0.6]]
    band = first.collections[0].get_paths()
    assert band[0].get_extents().get_points()[:, 1].tolist() == [0.05, 0.35]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["1", "4", "8"]
    assert first.get_ylim() == second.get_ylim() == RANGE
    assert first.get_xlabel() == "spacing" and second.get_title(loc="left") == "DCI"
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["a", "b"]


def test_a_logarithmic_axis_has_a_tick_for_each_value(drawn):
    plot_score_lines({"MIG": {"a": {0.001: ONE, 0.1: TWO}}}, "u.png", "beta", logarithmic=True)
    axes = drawn[0].axes[0]
    assert axes.get_xscale() == "log"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.001", "0.1"]


def test_columns_of_a_category_stand_side_by_side(drawn):
    panels = {"MIG": {"MSE": {"x": TWO, "y": ONE}, "blurred": {"y": TWO}}}
    plot_score_columns(panels, "unused.png")
    axes = drawn[0].axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["x", "y"]
    strokes = [c.get_segments() for c in axes.collections if c.get_label() in ("MSE", "blurred")]
    middles = [[segment.mean(axis=0).round(9).tolist() for segment in kind] for kind in strokes]
    assert middles == [[[-0.175, 0.2], [0.825, 0.6]], [[1.175, 0.2]]]
    assert sorted(y for _, y in _dots(axes)) == [0.1, 0.1, 0.3, 0.3, 0.6]


@pytest.mark.parametrize("panels", [{}, {"MIG": {}}, {"MIG": {"a": {}}}])
def test_nothing_to_draw_is_refused(panels, tmp_path):
    with pytest.raises(ValueError, match="Received none"):
        plot_score_lines(panels, tmp_path / "scores.png", "x")
    with pytest.raises(ValueError, match="Received none"):
        plot_score_columns(panels, tmp_path / "scores.png")


def test_the_files_are_pictures(tmp_path):
    lines = plot_score_lines({"MIG": {"a": {1: TWO}}}, tmp_path / "lines.png", "x", "Title")
    columns = plot_score_columns({"MIG": {"a": {"x": TWO}}}, tmp_path / "columns.png", "Title")
    for path in (lines, columns):
        with Image.open(path) as picture:
            assert picture.format == "PNG" and picture.width > 400
