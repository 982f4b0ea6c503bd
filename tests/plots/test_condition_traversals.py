"""Condition traversals: which condition is decoded in each cell."""

import functools

import numpy as np
import pytest
from one_of_each_kind import case
from PIL import Image
from small_models import networks_of_terms

from tfdis.export.frozen import export_frozen
from tfdis.export.model import vae_signatures
from tfdis.export.results import write_results
from tfdis.models import CVAE, IFCVAE
from tfdis.networks.mlp import mlp_decoder, mlp_encoder
from tfdis.plots import animate_condition_traversals, plot_condition_traversals
from tfdis.plots.condition_traversals import _shown
from tfdis.plots.run import plot_run

CLASSES = [("shape", 3), ("size", 20)]


def test_a_row_changes_one_factor_of_the_label_and_keeps_the_code(tmp_path):
    calls = []

    def decoder(codes, conditions):
        calls.append((codes, conditions))
        return np.zeros([len(codes), 8, 8, 1])

    codes, labels = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2, 7], [0, 19]])
    path = plot_condition_traversals(
        decoder, codes, np.zeros([2, 8, 8, 1]), labels, CLASSES, tmp_path / "c.png"
    )
    with Image.open(path) as picture:
        assert picture.size[0] > 300
    assert len(calls) == 4
    for (decoded, conditions), image, position in zip(
        calls, (0, 0, 1, 1), (0, 1, 0, 1), strict=True
    ):
        np.testing.assert_array_equal(decoded, np.tile(codes[image], [len(decoded), 1]))
        shape, size = conditions[:, :3].argmax(axis=1), conditions[:, 3:].argmax(axis=1)
        np.testing.assert_array_equal(conditions.sum(axis=1), 2)
        moved, kept = (shape, size) if position == 0 else (size, shape)
        assert set(kept) == {labels[image][1 - position]}
        assert list(moved) == ([0, 1, 2] if position == 0 else list(_shown(20, 12)))


def test_many_classes_are_shown_from_the_first_to_the_last():
    assert list(_shown(3, 12)) == [0, 1, 2]
    shown = _shown(40, 12)
    assert len(shown) == 12 and shown[0] == 0 and shown[-1] == 39 and min(np.diff(shown)) >= 3


def test_the_animation_goes_through_the_classes(tmp_path):
    def decoder(codes, conditions):
        bright = 10.0 * conditions[:, :3].argmax(axis=1) - 10
        return np.broadcast_to(bright[:, None, None, None], [len(codes), 8, 8, 1])

    images, labels = np.full([1, 8, 8, 1], 0.5), np.array([[1]])
    path = animate_condition_traversals(
        decoder, np.zeros([1, 2]), images, labels, [("shape", 3)], tmp_path / "c.gif"
    )
    with Image.open(path) as picture:
        assert picture.n_frames == 3
        picture.seek(0)
        dark = np.asarray(picture.convert("L"))[60, -20]
        picture.seek(2)
        assert dark < 60 and np.asarray(picture.convert("L"))[60, -20] > 200


@pytest.mark.long
@pytest.mark.usefixtures("one_pixel_each")
@pytest.mark.parametrize("cls", [case(True, CVAE), case(False, IFCVAE)])
def test_pictures_of_a_conditional_run_have_them(cls, tmp_path):
    name = cls.__name__.lower()
    networks = {
        "encoder": functools.partial(mlp_encoder, hidden_units=(4,)),
        "decoder": functools.partial(mlp_decoder, hidden_units=(4,)),
        **networks_of_terms(name, latent_dim=2, num_classes=4),
    }
    model = cls([2, 2, 2], ["b", 0], factor_names=["a", "b", "c"], image_shape=(64, 64, 3), latent_dim=2,
                **networks)  # fmt: skip
    export_frozen(vae_signatures(model), str(tmp_path / "run/tfhub"))
    gin = (
        "dataset.name = 'xysquares'\nxysquares.num_placements = 2\n"
        f"model.model = @{name}()\n{name}.label_factors = %LABEL_FACTORS\nLABEL_FACTORS = (1, 0)\n"
    )
    write_results(str(tmp_path / "run/results"), "train", {"global_step": 0}, gin)
    paths = {path.rpartition("/")[2] for path in plot_run(tmp_path / "run", tmp_path / "out")}
    assert {"condition_traversals.png", "condition_traversals.gif"} <= paths
