"""What tensorflow-hub 0.13 removed: modules made of TensorFlow 1 graphs (`ModuleSpec`, `Module`).

Modules are written frozen, as every module of tfdis is (`tfdis.export.frozen`).
"""

import os
from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfdis.export.frozen import Signature, export_frozen

v1 = tf.compat.v1
_COLLECTION = "tfdis_hub_signatures"


def _as_dict(tensors) -> dict[str, tf.Tensor]:
    return dict(tensors) if isinstance(tensors, Mapping) else {"default": tensors}


def add_signature(
    name: str | None = None,
    inputs: tf.Tensor | Mapping[str, tf.Tensor] | None = None,
    outputs: tf.Tensor | Mapping[str, tf.Tensor] | None = None,
) -> None:
    """Names inputs and outputs of the graph that a module function is building."""
    signature = (name or "default", _as_dict(inputs), _as_dict(outputs))
    v1.add_to_collection(_COLLECTION, signature)


class ModuleSpec:
    """A module function whose graph can be exported.

    Args:
        module_fn: function that builds the graph and calls `add_signature`.
        tags_and_args: pairs (tags, keyword arguments of `module_fn`); the graph without tags is
            used.
        drop_collections: accepted because the original did; a frozen module has no collections.
    """

    def __init__(
        self,
        module_fn: Callable,
        tags_and_args: Sequence[tuple] | None = None,
        drop_collections: object = None,
    ):
        del drop_collections
        self._module_fn = module_fn
        self._arguments = {frozenset(t): args for t, args in tags_and_args or [((), {})]}

    def export(self, path: str, checkpoint_path: str | None = None) -> None:
        """Writes the module, with the values of its variables from a checkpoint."""
        with tf.Graph().as_default() as graph:
            self._module_fn(**self._arguments[frozenset()])
            described = v1.get_collection(_COLLECTION)
            with v1.Session() as session:
                v1.train.Saver().restore(session, checkpoint_path)
                outputs = {t.op.name for _, _, outputs in described for t in outputs.values()}
                frozen = v1.graph_util.convert_variables_to_constants(
                    session, graph.as_graph_def(), sorted(outputs)
                )
        signatures = {name: _signature(frozen, i, o) for name, i, o in described}
        export_frozen(signatures, path)


def _signature(graph_def, inputs: Mapping, outputs: Mapping) -> Signature:
    """A part of a graph of constants as a function."""
    keys, names = list(inputs), {key: tensor.name for key, tensor in outputs.items()}

    def call(**tensors):
        feeds = {inputs[key].name: tensors[key] for key in keys}
        return dict(zip(names, _import(graph_def, feeds, names.values()), strict=True))

    specs = {key: tf.TensorSpec(tensor.shape, tensor.dtype) for key, tensor in inputs.items()}
    return Signature(call, specs)


def _import(graph_def, feeds: Mapping, fetches) -> list[tf.Tensor]:
    return tf.graph_util.import_graph_def(
        graph_def, input_map=dict(feeds), return_elements=list(fetches), name="module"
    )


class Module:
    """An exported frozen module, to be called in a TensorFlow 1 graph.

    Args:
        path: path of the module's folder.

    Raises:
        FileNotFoundError: there is no module.
    """

    def __init__(self, path: str):
        saved_model = saved_model_pb2.SavedModel()
        with open(os.path.join(path, "saved_model.pb"), "rb") as file:
            saved_model.ParseFromString(file.read())
        self._meta_graph = saved_model.meta_graphs[0]

    def __call__(
        self,
        inputs: tf.Tensor | Mapping[str, tf.Tensor],
        signature: str | None = None,
        as_dict: bool = False,
    ) -> tf.Tensor | dict[str, tf.Tensor]:
        """Applies a signature to a dict of tensors, or to the tensor `default`."""
        described = self._meta_graph.signature_def[signature or "default"]
        tensors = _as_dict(inputs)
        feeds = {described.inputs[key].name: tensors[key] for key in described.inputs}
        names = {key: info.name for key, info in described.outputs.items()}
        fetched = _import(self._meta_graph.graph_def, feeds, names.values())
        outputs = dict(zip(names, fetched, strict=True))
        return outputs if as_dict else outputs["default"]
