"""The Wild Relation Network against its formula in float64, and what saving keeps."""

import gin
import keras
import numpy as np
import pytest

from tfdis.models.reasoner import Reasoner
from tfdis.networks.panel_cnn import PanelCNN, build_panel_cnn
from tfdis.networks.relational import WildRelationNetwork, build_wild_relation_network

CONTEXT = np.random.RandomState(0).normal(size=(3, 8, 5)).astype(np.float32)
ANSWERS = np.random.RandomState(1).normal(size=(3, 6, 5)).astype(np.float32)


def _perceptron(layers, x, activation):
    for layer in layers:
        weights, biases = (np.asarray(w, np.float64) for w in layer.get_weights())
        x = activation(x @ weights + biases)
    return x


@pytest.mark.parametrize(
    ("name", "activation"),
    [("relu", lambda x: np.maximum(x, 0)), ("lrelu", lambda x: np.where(x > 0, x, 0.2 * x))],
)
def test_scores_are_the_sum_over_all_pairs(name, activation):
    network = WildRelationNetwork([7, 4], [6], None, activation=name)
    scores = network([CONTEXT, ANSWERS]).numpy()
    expected = np.empty((3, 6))
    for b in range(3):
        for a in range(6):
            panels = np.concatenate([CONTEXT[b], ANSWERS[b, a : a + 1]]).astype(np.float64)
            panels = np.concatenate([panels, np.eye(9)], axis=1)
            edges = [np.concatenate([one, other]) for one in panels for other in panels]
            node = _perceptron(network.edge.layers, np.array(edges), activation).sum(axis=0)
            hidden = _perceptron(network.graph.layers, node, activation)
            expected[b, a] = _perceptron([network.score], hidden, lambda x: x)[0]
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


def test_dropout_keeps_the_share_of_units_for_the_whole_batch():
    network = WildRelationNetwork([4], [1000], 0.25)
    network([CONTEXT, ANSWERS])
    hidden = network.graph(np.ones((3, 6, 4), np.float32), training=True).numpy()
    dropped = hidden == 0
    assert (dropped == dropped[:1, :1]).all()
    assert network.graph.layers[-1].rate == 0.75
    alive = network.graph(np.ones((3, 6, 4), np.float32)).numpy()[0, 0] > 0
    assert abs(dropped[0, 0][alive].mean() - 0.75) < 0.08


@pytest.mark.long
@pytest.mark.parametrize("embedded", [False, True])
def test_a_saved_network_gives_the_same_scores(embedded, tmp_path):
    with gin.unlock_config():
        gin.bind_parameter("tfdis.networks.activation.activation", "lrelu")
    embedding = build_panel_cnn(10) if embedded else None
    network = Reasoner(build_wild_relation_network([6], [5], 0.5), embedding)
    shape = (16, 16, 1) if embedded else (5,)
    panels = [np.random.RandomState(0).normal(size=(2, n, *shape)) for n in (8, 6)]
    panels = [panel.astype(np.float32) for panel in panels]
    network.build([panel.shape for panel in panels])
    network.save(tmp_path / "reasoner.keras")
    gin.clear_config()
    again = keras.saving.load_model(tmp_path / "reasoner.keras")
    np.testing.assert_array_equal(again(panels), network(panels))
    assert again.reasoning.shared["activation"] == "lrelu"


def test_images_are_embedded_one_by_one():
    embedder = PanelCNN(10)
    images = np.random.RandomState(0).normal(size=(2, 3, 16, 16, 1)).astype(np.float32)
    whole = embedder(images).numpy()
    assert whole.shape == (2, 3, 64)
    np.testing.assert_allclose(
        embedder(images[1:, 2:]).numpy()[0, 0], whole[1, 2], rtol=1e-4, atol=1e-6
    )


def test_scores_are_float32_and_close_in_mixed_precision():
    network = WildRelationNetwork([32], [16], None)
    scores = network([CONTEXT, ANSWERS]).numpy()
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = WildRelationNetwork([32], [16], None)
        mixed([CONTEXT, ANSWERS])
        mixed.set_weights(network.get_weights())
        found = mixed([CONTEXT, ANSWERS])
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, scores, atol=0.05 * np.abs(scores).max())


@pytest.mark.parametrize(
    "arguments", [([], [4], None), ([4], [], None), ([4], [4], 1.5), ([4], [4], -0.1)]
)
def test_bad_options(arguments):
    with pytest.raises(ValueError, match="OptimizedWildRelNet: expected edge_mlp"):
        WildRelationNetwork(*arguments)
