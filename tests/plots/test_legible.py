"""Every text of every picture is inside the picture, and none lies upon another."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from one_of_each_kind import case

from tfdis.data.named import get_named_ground_truth_data
from tfdis.plots.condition_traversals import plot_condition_traversals
from tfdis.plots.curves import plot_curves
from tfdis.plots.dataset_sheet import plot_dataset_sheet
from tfdis.plots.perceived_distance import plot_cumulative_distances, plot_overlap
from tfdis.plots.reconstructions import plot_reconstructions
from tfdis.plots.score_curves import plot_score_curves
from tfdis.plots.traversals import plot_traversals

LONG = (
    "pictures of a_data_set_with_a_name_of_more_letters_than_any_figure_is_wide (re-rendered): all"
)
IMAGES = np.zeros([3, 16, 16, 1], np.float32)


def _log(folder, *names):
    path = folder / "log.csv"
    path.write_text(
        ",".join(["step", *names])
        + "\n"
        + "\n".join(
            ",".join([str(1000 * row), *(f"{row * 1234.5:.1f}" for _ in names)])
            for row in range(40)
        )
    )
    return path


def _traversals(folder, num_columns):
    def encoder(images):
        return np.zeros([len(images), 11], np.float32), np.zeros([len(images), 11], np.float32)

    def decoder(codes):
        return np.zeros([len(codes), 16, 16, 1], np.float32)

    plot_traversals(encoder, decoder, IMAGES, folder / "p.png", num_columns=num_columns, title=LONG)


def _conditions(folder):
    plot_condition_traversals(
        lambda codes, conditions: np.zeros([len(codes), 16, 16, 1], np.float32),
        np.zeros([len(IMAGES), 2], np.float32),
        IMAGES,
        np.zeros([len(IMAGES), 2], int),
        [("shape", 3), ("a factor with a long name", 40)],
        folder / "p.png",
        title=LONG,
    )


def _scores(folder):
    names = ("mig", "standardised/mutual_information_gap_with_a_long_name/discrete_mig", "dci/d")
    plot_score_curves(
        {LONG: _log(folder, *names), "b": _log(folder, *names)}, folder / "p.png", LONG
    )


def _distances(folder):
    table = pd.DataFrame({"mean": [0.1, 0.2]}, index=["x", "random"])
    distances = {"x": np.array([0.1, 0.2]), "random": np.array([0.2, 0.3])}
    plot_cumulative_distances(distances, table, LONG, folder / "p.png")


def _overlap(folder):
    table = pd.DataFrame({"grid_spacing": [1, 8], "steps": [1, 1], "distance": [0.1, 0.2]})
    plot_overlap(table, folder / "p.png")


PICTURES = {
    "conditions": _conditions,
    "curves": lambda folder: plot_curves(
        _log(folder, "loss", "reconstruction_loss", "kl_loss", "weight"),
        folder / "p.png",
        title=LONG,
    ),
    "curve": lambda folder: plot_curves(_log(folder, "loss"), folder / "p.png", title=LONG),
    "distances": _distances,
    "overlap": _overlap,
    "reconstructions": lambda folder: plot_reconstructions(IMAGES, IMAGES, folder / "p.png", LONG),
    "scores": _scores,
    "sheet": lambda folder: plot_dataset_sheet(
        get_named_ground_truth_data("xysquares"), folder / "p.png", num_columns=2
    ),
    "traversals": lambda folder: _traversals(folder, 21),
    "traversals of few values": lambda folder: _traversals(folder, 3),
}


# Drawn by functions that draw another picture here.
AGAIN = {"curve", "traversals of few values"}


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name not in AGAIN, name) for name in sorted(PICTURES)])
def test_texts_can_be_read(name, tmp_path, drawn, monkeypatch):
    PICTURES[name](tmp_path)
    boxes = []
    draw = Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text():
            boxes.append((text.get_text(), text.get_window_extent(renderer)))
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", record)
    FigureCanvasAgg(drawn[0]).draw()
    edge = drawn[0].bbox
    assert boxes
    for text, box in boxes:
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1, text
        assert edge.y0 <= box.y0 and box.y1 <= edge.y1, text
    for (text, box), (other_text, other) in itertools.combinations(boxes, 2):
        assert not box.overlaps(other), (text, other_text)
