"""Frozen TF Hub modules: one graph of constants that every TensorFlow since 1.14 can run.

A frozen module is a folder with two files. `saved_model.pb` holds exactly one v1 MetaGraph:
variables are constants, functions are inlined, attributes that have their default value are left
out (older TensorFlows do not know the newer ones); it has no collections, an empty tag set, and v1
signature definitions. `tfhub_module.pb` marks the folder as a TF1 Hub module. It is read by
`tf.saved_model.load`, `hub.load`, `hub.KerasLayer`, `keras.layers.TFSMLayer`, and by `hub.Module`
and `hub.eval_function_for_module` of tensorflow-hub 0.7 on TensorFlow 1.14, provided that every op
existed in 1.14: use `tf.random.normal`, no `tf.random.stateless_*` (nor Keras' own random layers),
no `tf.einsum`, and `tf.where` without broadcasting.

A frozen module cannot be trained any further.
"""

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2_as_graph,
)
from tensorflow.python.framework.meta_graph import strip_graph_default_valued_attrs

from tfdis.files.whole import check_vacant, written_whole

# A serialised `ModuleDef` message whose field 1 (format) is 3: FORMAT_V3, the only one ever
# released.
_MODULE_DEF = b"\x08\x03"


class Signature(NamedTuple):
    """One named entry of a module: a function with its inputs.

    Attributes:
        function: function that is called with one tensor for each input, by keyword, and returns a
            dict of tensors.
        inputs: one `tf.TensorSpec` for each input; None in a shape stands for any size.
    """

    function: Callable[..., Mapping[str, tf.Tensor]]
    inputs: Mapping[str, tf.TensorSpec]


def _check_assigns_nothing(graph_def: tf.compat.v1.GraphDef) -> None:
    """Refuses a graph that changes variables, since constants cannot change."""
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


def _describe(function, keys: Mapping[str, tuple]) -> dict[str, meta_graph_pb2.SignatureDef]:
    """Names the inputs and outputs of a function as signatures.

    Args:
        function: function whose inputs and outputs are those of all signatures, in alphabetical
            order.
        keys: names of the inputs and of the outputs of each signature, by the signature's name.
    """
    inputs, outputs = iter(function.inputs), iter(function.outputs)
    described = {}
    for name in sorted(keys):
        described[name] = meta_graph_pb2.SignatureDef(method_name=name)
        infos = (described[name].inputs, described[name].outputs)
        for tensors, names, info in zip((inputs, outputs), keys[name], infos, strict=True):
            for key in sorted(names):
                tensor = next(tensors)
                info[key].name = tensor.name
                info[key].dtype = tensor.dtype.as_datatype_enum
                info[key].tensor_shape.CopyFrom(tensor.shape.as_proto())
    return described


def _freeze(signatures: Mapping[str, Signature]):
    """Traces all signatures as one function and turns its variables into constants.

    Returns:
        The graph, and for each signature its description in terms of the graph's tensors.
    """
    # tf.nest orders dictionaries by key; so does _describe.
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
    frozen, graph_def = convert_variables_to_constants_v2_as_graph(concrete)
    _check_inlined(graph_def)
    keys = {name: (specs[name], outputs) for name, outputs in concrete.structured_outputs.items()}
    return graph_def, _describe(frozen, keys)


def _write_saved_model(path: str, graph_def, signature_defs: Mapping) -> None:
    """Writes a frozen graph as the one MetaGraph that old and new loaders both accept."""
    saved_model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    meta_graph = saved_model.meta_graphs.add()
    meta_graph.meta_info_def.tensorflow_version = tf.__version__
    meta_graph.graph_def.MergeFrom(graph_def)
    # The library is unused once everything is inlined, and unknown to old TensorFlows.
    meta_graph.graph_def.ClearField("library")
    for node in meta_graph.graph_def.node:
        node.device = ""
        # These are hints of the tracing runtime (_output_shapes, ...), which no reader needs.
        for key in [key for key in node.attr if key.startswith("_")]:
            del node.attr[key]
    strip_graph_default_valued_attrs(meta_graph)
    for name, signature_def in signature_defs.items():
        meta_graph.signature_def[name].CopyFrom(signature_def)
    with open(path, "wb") as file:
        file.write(saved_model.SerializeToString(deterministic=True))


def export_frozen(signatures: Mapping[str, Signature], path: str, overwrite: bool = False) -> None:
    """Writes functions as a frozen TF Hub module, whole or not at all.

    Args:
        signatures: the module's signatures, by name.
        path: path of the folder to write, usually `<run>/tfhub`.
        overwrite: whether an existing folder is replaced.

    Raises:
        FileExistsError: `path` exists and `overwrite` is False.
        ValueError: there is no signature, or a function cannot be frozen.

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
    graph_def, signature_defs = _freeze(signatures)
    with written_whole(path, overwrite) as folder:
        os.mkdir(folder)
        _write_saved_model(os.path.join(folder, "saved_model.pb"), graph_def, signature_defs)
        with open(os.path.join(folder, "tfhub_module.pb"), "wb") as file:
            file.write(_MODULE_DEF)
