"""Scores over seeds: what is drawn where, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from tfdis.plots import seed_scores
from tfdis.plots.seed_scores import SeedScores, plot_seed_scores

NAN = float("nan")
GROUPS = [SeedScores([0.1, NAN, 0.3], 0.2, -0.1, 0.5), SeedScores([], NAN, NAN, NAN)]


@pytest.fixture
def figure(monkeypatch):
    drawn = []
    monkeypatch.setattr(seed_scores, "save_figure", lambda figure, *_: drawn.append(figure))
    plot_seed_scores({"MIG": GROUPS, "SAP": GROUPS[::-1]}, ["beta=4", "beta=16"], "unused.png")
    return drawn[0]


def test_dots_means_and_intervals_stand_at_their_group(figure):
    for axes, height in zip(figure.axes, (0, 1), strict=True):
        dots = np.concatenate([found.get_offsets() for found in axes.collections[1::2]])
        np.testing.assert_array_equal(dots, [[0.1, height], [0.3, height]])
        interval = axes.collections[2 * height].get_segments()[0]
        np.testing.assert_array_equal(interval, [[-0.1, height], [0.5, height]])
        np.testing.assert_array_equal(axes.lines[height].get_xydata(), [[0.2, height]])


def test_panels_and_groups_are_named_from_above(figure):
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["MIG", "SAP"]
    first = figure.axes[0]
    assert [label.get_text() for label in first.get_yticklabels()] == ["beta=4", "beta=16"]
    assert first.get_ylim() == (1.5, -0.5)


def test_long_intervals_do_not_hide_the_dots(monkeypatch):
    drawn = []
    monkeypatch.setattr(seed_scores, "save_figure", lambda figure, *_: drawn.append(figure))
    plot_seed_scores({"MIG": [SeedScores([0.1, 0.2], 0.15, -0.5, 0.8)]}, ["one"], "unused.png")
    np.testing.assert_allclose(drawn[0].axes[0].get_xlim(), (0.0, 0.3), atol=1e-12)


def test_the_file_is_a_picture_whose_size_follows_the_groups(tmp_path):
    sizes = []
    for count in (1, 20):
        path = plot_seed_scores(
            {"MIG": GROUPS[:1] * count}, ["long " * 50] * count, tmp_path / f"{count}.png"
        )
        with Image.open(path) as picture:
            sizes.append(picture.size)
    assert sizes[0][0] == sizes[1][0] and sizes[0][1] < sizes[1][1]


@pytest.mark.parametrize("panels", [{}, {"MIG": GROUPS}, {"MIG": GROUPS[:1], "SAP": GROUPS}])
def test_other_numbers_of_groups_are_refused(panels, tmp_path):
    with pytest.raises(ValueError, match="as many as labels"):
        plot_seed_scores(panels, ["one"], tmp_path / "scores.png")
    assert not list(tmp_path.iterdir())
