"""The Wild Relation Network of abstract reasoning."""

from collections.abc import Sequence

import gin
import keras
from keras import KerasTensor, ops

from tfdis.networks.reasoning_options import activation, keras_options, kernel_initializer

_MODULE = "tfdis.networks"


@keras.saving.register_keras_serializable(package="tfdis")
class WildRelationNetwork(keras.layers.Layer):
    """Scores answers by the pairs of panels that each makes with the others; gin: `@OptimizedWildRelNet`.

    score(a) = g(sum_ij f(x_i, x_j)), where x are the embeddings of the 8 panels and of answer a,
    each with a one-hot vector of its place, f is the edge and g the graph perceptron. Pairs that
    have no answer in them are the same for all answers, and are computed once.

    Args:
        edge_mlp: numbers of units of the edge perceptron's layers.
        graph_mlp: numbers of units of the graph perceptron's hidden layers.
        dropout_in_last_graph_layer: share of the last hidden layer's units that is kept, the same
            units for the whole batch; None for all. disentanglement_lib, whose name this is, drops
            the other units too, although it calls the number the dropped share.
        activation: activation of all hidden layers; see the function of this name.
        kernel_initializer: initialiser of all kernels.
        **kwargs: keyword arguments of `keras.layers.Layer`.

    Raises:
        ValueError: a perceptron without layers, or a share outside of 0 to 1.

    Example:
        >>> network = WildRelationNetwork([16], [8], None)
        >>> network([keras.ops.ones((2, 8, 5)), keras.ops.ones((2, 6, 5))]).shape
        TensorShape([2, 6])

    References:
        Barrett et al. (2018), "Measuring abstract reasoning in neural networks", ICML.
        arXiv:1807.04225 (section 4).
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506.
    """

    def __init__(
        self,
        edge_mlp: Sequence[int],
        graph_mlp: Sequence[int],
        dropout_in_last_graph_layer: float | None,
        activation: str = "relu",
        kernel_initializer: str = "lecun_normal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        kept = dropout_in_last_graph_layer
        if not edge_mlp or not graph_mlp or not 0 <= (kept or 0) <= 1:
            raise ValueError(
                "OptimizedWildRelNet: expected edge_mlp and graph_mlp of at least one layer, and "
                "dropout_in_last_graph_layer from 0 to 1 or None. Received: "
                f"{list(edge_mlp)}, {list(graph_mlp)}, {kept!r}."
            )
        self.edge_mlp = list(edge_mlp)
        self.graph_mlp = list(graph_mlp)
        self.dropout_in_last_graph_layer = kept
        self.shared = {"activation": activation, "kernel_initializer": kernel_initializer}
        self.edge = keras.Sequential(self._dense(edge_mlp), name="edge_mlp")
        layers = self._dense(graph_mlp)
        if kept:
            layers.append(keras.layers.Dropout(1.0 - kept, noise_shape=(1, 1, graph_mlp[-1])))
        self.graph = keras.Sequential(layers, name="graph_mlp")
        self.score = keras.layers.Dense(1, kernel_initializer=kernel_initializer, dtype="float32")

    def _dense(self, sizes):
        options = keras_options(self.shared)
        return [keras.layers.Dense(units, **options) for units in sizes]

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        """Builds both perceptrons for embeddings `[batch, 8, dim]` and `[batch, 6, dim]`."""
        context, answers = input_shape
        if context[-1] != answers[-1]:
            raise ValueError(
                f"Expected panels and answers of one dimension. Received: {context[-1]}, {answers[-1]}."
            )
        self.edge.build((None, None, 2 * (context[-1] + context[1] + 1)))
        self.graph.build((None, None, self.edge_mlp[-1]))
        self.score.build((None, None, self.graph_mlp[-1]))
        self.built = True

    def call(self, inputs: Sequence, training: bool = False) -> KerasTensor:
        """Scores of the answers, float32 logits `[batch, 6]`, of (panels, answers)."""
        context, answers = inputs
        num_context, num_answers = context.shape[1], answers.shape[1]
        places = ops.eye(num_context + 1, dtype=context.dtype)
        context = _with_place(context, places[:-1])
        answers = _with_place(answers, places[-1:])
        edges = self.edge(
            ops.concatenate(
                [
                    _pairs(context, context),
                    _pairs(answers, context),
                    _pairs(answers, context, swapped=True),
                    ops.concatenate([answers, answers], axis=-1),
                ],
                axis=1,
            )
        )
        # Sums of many numbers of few bits would lose some.
        edges = ops.cast(edges, "float32")
        cuts = [num_context**2, num_context * (num_context + 2 * num_answers)]
        within, between, own = ops.split(edges, cuts, axis=1)
        between = ops.reshape(between, (-1, 2, num_answers, num_context, self.edge_mlp[-1]))
        nodes = ops.sum(between, axis=(1, 3)) + own + ops.sum(within, axis=1, keepdims=True)
        hidden = self.graph(ops.cast(nodes, self.compute_dtype), training=training)
        return ops.squeeze(self.score(hidden), axis=-1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "edge_mlp": self.edge_mlp,
            "graph_mlp": self.graph_mlp,
            "dropout_in_last_graph_layer": self.dropout_in_last_graph_layer,
            **self.shared,
        }


def _with_place(panels, places):
    """Panels `[batch, num, dim]` with places `[num or 1, num_places]` behind their embeddings."""
    shape = (ops.shape(panels)[0], panels.shape[1], places.shape[-1])
    return ops.concatenate([panels, ops.broadcast_to(places[None], shape)], axis=-1)


def _pairs(left, right, swapped=False):
    """All pairs `[batch, num_left * num_right, 2 dim]`; swapped ones have the right panel first."""
    num_left, num_right, dim = left.shape[1], right.shape[1], left.shape[-1]
    parts = [ops.repeat(left, num_right, axis=1), ops.tile(right, (1, num_left, 1))]
    pairs = ops.concatenate(parts[::-1] if swapped else parts, axis=-1)
    return ops.reshape(pairs, (-1, num_left * num_right, 2 * dim))


@gin.configurable("OptimizedWildRelNet", module=_MODULE)
def build_wild_relation_network(
    edge_mlp: Sequence[int] = gin.REQUIRED,
    graph_mlp: Sequence[int] = gin.REQUIRED,
    dropout_in_last_graph_layer: float | None = gin.REQUIRED,
    name: str = "OptimizedWildRelNet",
) -> WildRelationNetwork:
    """The network that reasons, in gin `TwoStageModel.reasoning_model_class = @OptimizedWildRelNet`."""
    shared = (activation(), kernel_initializer())
    return WildRelationNetwork(edge_mlp, graph_mlp, dropout_in_last_graph_layer, *shared, name=name)
