"""Abstract reasoning on 3D Shapes, with painted pictures in place of its file: dlib's matrices, networks."""

import colorsys
import json
import types

import numpy as np
import pytest
from same_matrices import assert_same_matrices

import tfdis.dlib
from tfdis import registry
from tfdis.data.matrices.matrix_data import make_matrix_data
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.shapes3d import FACTOR_SIZES, IMAGE_SHAPE, Shapes3D
from tfdis.dlib.reason import reason_with_gin

EXAMPLE = "abstract_reasoning_study_v1/stage2/example.gin"
QUANTISED = [10, 10, 10, 4, 4, 4]
SMALL = [
    "dataset.name = 'shapes3d'",
    "abstract_reasoning.num_iterations = 1",
    "abstract_reasoning.training_steps_per_iteration = 2",
    "abstract_reasoning.eval_steps_per_iteration = 1",
    "abstract_reasoning.batch_size = 2",
    "OptimizedWildRelNet.edge_mlp = [8]",
    "OptimizedWildRelNet.graph_mlp = [8]",
]


class Pictures:
    """A flat room with an object in it, of the factors and the size of 3D Shapes, painted when asked for."""

    metadata = types.SimpleNamespace(image_shape=IMAGE_SHAPE, provenance="generated")

    def __len__(self):
        return int(np.prod(FACTOR_SIZES))

    def images_at(self, indices):
        factors = np.stack(np.unravel_index(indices, FACTOR_SIZES))[..., None, None]
        floor, wall, hue, scale, shape, orientation = factors
        rows, columns = np.mgrid[:64, :64]
        # The camera's turn moves the object to the side.
        x, y, size = np.abs(columns - 2 * orientation - 18), np.abs(rows - 36), 9 + scale
        forms = [np.maximum(x, y) < size, x**2 + y**2 < size**2, x + y < size, 3 * x + y < size]
        is_object = np.choose(shape, forms)
        colours = np.array(
            [[colorsys.hsv_to_rgb(h / 10, 1, v) for h in range(10)] for v in (0.4, 0.7, 1.0)]
        )
        room = np.where((rows < 32)[..., None], colours[1, wall], colours[0, floor])
        return (255 * np.where(is_object[..., None], colours[2, hue], room)).astype(np.uint8)

    def __getitem__(self, indices):
        """The pictures as disentanglement_lib's class of 3D Shapes keeps them."""
        return self.images_at(indices).astype(np.float32) / 255.0


@pytest.fixture(autouse=True)
def painted(monkeypatch):
    monkeypatch.setitem(registry.DATA_SETS, "shapes3d", lambda: Shapes3D(Pictures()))
    tfdis.dlib.install()


@pytest.fixture
def of_dlib():
    """disentanglement_lib's own class of 3D Shapes, without its file."""
    from disentanglement_lib.data.ground_truth import shapes3d, util

    data = shapes3d.Shapes3D.__new__(shapes3d.Shapes3D)
    data.images, data.factor_sizes = Pictures(), list(FACTOR_SIZES)
    data.state_space = util.SplitDiscreteStateSpace(data.factor_sizes, list(range(6)))
    data.factor_bases = np.prod(data.factor_sizes) / np.cumprod(data.factor_sizes)
    return data


def test_every_factor_is_seen():
    base = np.array([3, 5, 7, 4, 1, 6])
    data = Shapes3D(Pictures())
    changed = np.tile(base, [7, 1])
    changed[np.arange(6), np.arange(6)] += 1
    images = data.images_at(data.factors_to_indices(changed))
    assert all(np.any(image != images[-1]) for image in images[:-1])


@pytest.mark.parametrize("pgm_type", ["easy1", "hard_mixed"])
def test_matrices_are_disentanglement_lib_s(pgm_type, of_dlib, monkeypatch):
    from disentanglement_lib.evaluation.abstract_reasoning import pgm_data

    data = get_named_ground_truth_data("shapes3d")
    with monkeypatch.context() as patch:
        # Its function knows 3D Shapes by the class, and quantises it.
        patch.setattr(pgm_data, "shapes3d", types.SimpleNamespace(Shapes3D=type(of_dlib)))
        named = types.SimpleNamespace(get_named_ground_truth_data=lambda: of_dlib)
        patch.setattr(pgm_data, "named_data", named)
        theirs = pgm_data.get_pgm_dataset(pgm_type)
    ours = make_matrix_data(data, pgm_type)
    assert ours.data.factors_num_values == QUANTISED
    assert list(theirs.ground_truth_data.factors_num_values) == QUANTISED
    assert_same_matrices(ours, theirs, seed=5)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    "seen",
    [
        "codes",
        pytest.param("images", marks=pytest.mark.exhaustive),
        pytest.param("'onehot'", marks=pytest.mark.long),
    ],
)
def test_a_network_is_trained(seen, tmp_path, export_projection):
    folder = str(export_projection("shapes3d", IMAGE_SHAPE)) if seen == "codes" else None
    embedding = {"images": "@BaselineCNNEmbedder", "codes": "@HubEmbedding"}.get(seen, seen)
    bindings = [
        *SMALL,
        "pgm.pgm_type = 'hard_mixed'",
        f"TwoStageModel.embedding_model_class = {embedding}",
    ]
    reason_with_gin(folder, str(tmp_path / "run"), [EXAMPLE], bindings)
    results = json.loads(
        (tmp_path / "run/results/json/abstract_reasoning_results.json").read_text()
    )
    assert np.isfinite(results["best.val.loss"]) and 0 <= results["best.test.accuracy"] <= 1
    if folder:
        # The images of shapes3d can be counted: none is encoded twice.
        assert list((tmp_path.parent / folder).glob("codes/shapes3d/codes.npy"))


@pytest.mark.exhaustive
def test_factors_are_reasoned_with(tmp_path):
    """Of 256 test matrices, a sixth would be solved by chance, with a standard deviation of .023."""
    bindings = [
        *SMALL[:1],
        "pgm.pgm_type = 'easy3'",
        "TwoStageModel.embedding_model_class = 'values'",
        "abstract_reasoning.num_iterations = 1",
        "abstract_reasoning.training_steps_per_iteration = 100",
        "abstract_reasoning.eval_steps_per_iteration = 8",
        "abstract_reasoning.batch_size = 32",
        "OptimizedWildRelNet.edge_mlp = [32, 32]",
        "OptimizedWildRelNet.graph_mlp = [32]",
        "OptimizedWildRelNet.dropout_in_last_graph_layer = None",
        "AdamOptimizer.learning_rate = 0.01",
    ]
    reason_with_gin(None, str(tmp_path / "run"), [EXAMPLE], bindings)
    results = json.loads(
        (tmp_path / "run/results/json/abstract_reasoning_results.json").read_text()
    )
    assert results["best.test.accuracy"] > 1 / 6 + 5 * 0.0233
