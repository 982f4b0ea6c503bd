"""The contact sheet: a row for each model that can be drawn, and no other."""

import shutil

import numpy as np
import pytest
from absl import logging
from matplotlib.figure import Figure

from tfdis.plots import contact_sheet
from tfdis.plots.contact_sheet import find_models, plot_contact_sheet


@pytest.fixture
def study(run):
    """Two models in the layout of a study, one of them with a representation, and a damaged one."""
    folder = run.parents[1] / "study"
    for name in ("points/beta=1", "points/beta=4", "points/damaged"):
        shutil.copytree(run, folder / name / "model")
    (folder / "points/damaged/model/tfhub/saved_model.pb").unlink()
    (folder / "points/damaged/model/tfhub/saved_model.pb").write_text("nothing")
    representation = folder / "points/beta=1/postprocessed/mean"
    shutil.copytree(run, representation)
    (representation / "results/gin/postprocess.gin").write_text("")
    return folder


def test_models_are_found_and_representations_are_not(study):
    names = [str(path.relative_to(study)) for path in find_models([study])]
    assert names == ["points/beta=1/model", "points/beta=4/model", "points/damaged/model"]
    with pytest.raises(FileNotFoundError, match="without any"):
        find_models([study / "points/beta=1/model/tfhub"])


@pytest.mark.long
def test_a_row_for_each_model_that_can_be_drawn(study, tmp_path, drawn, monkeypatch):
    warned = []
    monkeypatch.setattr(logging, "warning", lambda *said: warned.append(said))
    plot_contact_sheet(find_models([study]), tmp_path / "sheet.png")
    (figure,) = drawn
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["beta=1", "beta=4"]
    assert [label.get_text() for label in axes.get_xticklabels()][:2] == ["image", "decoded"]
    assert len(warned) == 1 and "damaged" in str(warned[0][1])


def test_a_row_moves_the_informative_latents_alone():
    moved = []

    class Run:
        activation = "logits"

        class data:  # noqa: N801
            @staticmethod
            def sample_observations(num, _):
                return np.zeros([num, 8, 8, 1])

        @staticmethod
        def encoder(images):
            # The second latent tells more than the first; the third tells nothing.
            mean = np.random.RandomState(0).normal(size=[len(images), 3]) * [1.0, 2.0, 0.0]
            return mean, np.zeros([len(images), 3])

        @staticmethod
        def decoder(codes):
            moved.append(codes)
            return np.zeros([len(codes), 8, 8, 1])

    row = contact_sheet._row(Run, num_latents=3, seed=0)
    assert row.shape == (2 + 15, 8, 8, 1) and np.all(row[-5:] == 1)
    (codes,) = moved
    changed = codes != codes[0]
    assert changed[1:6, 1].sum() >= 4 and not changed[1:6, [0, 2]].any()
    assert list(codes[6:11, 0]) == [-2, -1, 0, 1, 2] and not changed[:, 2].any()
