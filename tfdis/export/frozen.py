"""Frozen TF Hub modules: one graph of constants that every TensorFlow since 1.14 can run.

A frozen module is a folder with two files. `saved_model.pb` holds ONE v1 MetaGraph: variables are
constants, functions are inlined, attributes that have their default value are left out (older
TensorFlows do not know the newer ones), no collections, an empty tag set, v1 signature definitions.
`tfhub_module.pb` marks the folder as a TF1 Hub module. It is read by `tf.saved_model.load`, `hub.load`,
`hub.KerasLayer`, `keras.layers.TFSMLayer`, and by `hub.Module` and `hub.eval_function_for_module` of
tensorflow-hub 0.7 on TensorFlow 1.14, provided that every op existed in 1.14: use `tf.random.normal`, no
`tf.random.stateless_*` (nor Keras' own random layers), no `tf.einsum`, and `tf.where` without broadcasting.

A frozen module cannot be trained any further.
"""

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tfdis.export.whole import check_vacant, written_whole

# A serialised `ModuleDef` message whose field 1 (format) is 3: FORMAT_V3, the only one ever released.
_MODULE_DEF = b"\x08\x03"


class Signature(NamedTuple):
    """One named entry of a module.

    Attributes:
        function: called with one tensor for each input, by keyword; returns a dict of tensors.
        inputs: a `tf.TensorSpec` for each input; None in a shape is any size.
    """

    function: Callable[..., Mapping[str, tf.Tensor]]
    inputs: Mapping[str, tf.TensorSpec]


def _check_assigns_nothing(graph_def: tf.compat.v1.GraphDef) -> None:
    """Refuses a graph that changes variables: constants cannot change."""
    bodies = [graph_def.node, *(function.node_def for function in graph_def.library.function)]
    assigning = {node.op for nodes in bodies for node in nodes if node.op.startswith("Assign")}
    if assigning:
        raise ValueError(
            "Expected functions that only read variables, because they become constants. Received "
            f"functions with {sorted(assigning)}. Call layers with training=False."
        )


def _check_inlined(graph_def: tf.compat.v1.GraphDef) -> None:
    """Refuses a graph that still calls functions."""
    functions = {function.signature.name for function in graph_def.library.function}
    calls = {"PartitionedCall", "StatefulPartitionedCall", *functions}
    left = sorted({node.op for node in graph_def.node if node.op in calls})
    if left:
        raise ValueError(
            f"Expected a graph of plain ops after freezing. Received the function calls {left}. Do "
            "not export functions that are marked `noinline` or compiled with `jit_compile`."
        )


def _freeze(signatures: Mapping[str, Signature]) -> tuple[tf.compat.v1.GraphDef, dict]:
    """Traces all signatures as one function and turns its variables into constants.

    Returns:
        The graph, and for each signature the names of its input and output tensors.
    """
    # tf.nest orders dictionaries by key; so do the loops below.
    specs = {
        name: {
            key: tf.TensorSpec(spec.shape, spec.dtype, f"{name}_{key}")
            for key, spec in signature.inputs.items()
        }
        for name, signature in signatures.items()
    }

    @tf.function(autograph=False)
    def every_signature(tensors):
        return {
            name: {
                key: tf.identity(value, f"{name}_{key}_output")
                for key, value in signature.function(**tensors[name]).items()
            }
            for name, signature in signatures.items()
        }

    concrete = every_signature.get_concrete_function(specs)
    _check_assigns_nothing(concrete.graph.as_graph_def())
    frozen = convert_variables_to_constants_v2(concrete)
    names = {}
    inputs, outputs = iter(frozen.inputs), iter(frozen.outputs)
    for name in sorted(signatures):
        input_keys = sorted(specs[name])
        output_keys = sorted(concrete.structured_outputs[name])
        names[name] = (
            {key: next(inputs).name for key in input_keys},
            {key: next(outputs).name for key in output_keys},
        )
    graph_def = frozen.graph.as_graph_def()
    _check_inlined(graph_def)
    return graph_def, names


def _signature_def(graph: tf.Graph, name: str, inputs: Mapping, outputs: Mapping):
    """Describes one signature by the names of its tensors."""
    signature_def = meta_graph_pb2.SignatureDef(method_name=name)
    for names, infos in ((inputs, signature_def.inputs), (outputs, signature_def.outputs)):
        for key, tensor_name in names.items():
            tensor = graph.get_tensor_by_name(tensor_name)
            infos[key].name = tensor.name
            infos[key].dtype = tensor.dtype.as_datatype_enum
            infos[key].tensor_shape.CopyFrom(tensor.shape.as_proto())
    return signature_def


def _to_meta_graph(graph_def: tf.compat.v1.GraphDef, names: Mapping):
    """Wraps a frozen graph as the MetaGraph that old and new loaders both accept."""
    # The function library is unused once everything is inlined, and unknown to old TensorFlows.
    graph_def.ClearField("library")
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        meta_graph = tf.compat.v1.train.export_meta_graph(
            graph=graph, clear_devices=True, strip_default_attrs=True
        )
        for name, (inputs, outputs) in names.items():
            meta_graph.signature_def[name].CopyFrom(_signature_def(graph, name, inputs, outputs))
    for node in meta_graph.graph_def.node:
        # Hints of the tracing runtime (_output_shapes, ...), which no reader needs.
        for key in [key for key in node.attr if key.startswith("_")]:
            del node.attr[key]
    meta_graph.collection_def.clear()
    meta_graph.ClearField("saver_def")
    del meta_graph.meta_info_def.tags[:]
    return meta_graph


def export_frozen(signatures: Mapping[str, Signature], path: str, overwrite: bool = False) -> None:
    """Writes functions as a frozen TF Hub module, whole or not at all.

    Args:
        signatures: the module's signatures by name.
        path: folder to write, usually `<run>/tfhub`.
        overwrite: whether an existing folder is replaced.

    Raises:
        FileExistsError: if `path` exists and `overwrite` is False.
        ValueError: if there is no signature, or a function cannot be frozen.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "tfhub")
        >>> spec = tf.TensorSpec([None, 2], tf.float32)
        >>> double = Signature(lambda images: {"default": 2.0 * images}, {"images": spec})
        >>> export_frozen({"representation": double}, path)
        >>> module = tf.saved_model.load(path)
        >>> module.signatures["representation"](images=tf.ones([1, 2]))["default"].numpy().tolist()
        [[2.0, 2.0]]
    """
    if not signatures:
        raise ValueError("Expected at least one signature. Received an empty mapping.")
    check_vacant(path, overwrite)
    graph_def, names = _freeze(signatures)
    saved_model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    saved_model.meta_graphs.append(_to_meta_graph(graph_def, names))
    with written_whole(path, overwrite) as folder:
        os.mkdir(folder)
        with open(os.path.join(folder, "saved_model.pb"), "wb") as file:
            file.write(saved_model.SerializeToString(deterministic=True))
        with open(os.path.join(folder, "tfhub_module.pb"), "wb") as file:
            file.write(_MODULE_DEF)
