"""Replaces `convolute_hub.convolute_and_save`: a module with something appended, saved again."""

from collections.abc import Callable

import tensorflow as tf

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.postprocess import append_to_signature, load_signature

_SCOPE = "transform"


def _restore(variables, checkpoint_path: str | None) -> None:
    """Sets the variables that a transformation made from a checkpoint of arrays."""
    if not variables:
        return
    if checkpoint_path is None:
        names = [variable.name for variable in variables]
        raise ValueError(
            f"Expected a checkpoint with the values of the transformation's variables {names}. "
            "Received: transform_checkpoint_path=None."
        )
    reader = tf.train.load_checkpoint(checkpoint_path)
    for variable in variables:
        name = variable.name.removeprefix(f"{_SCOPE}/").removesuffix(":0")
        variable.assign(reader.get_tensor(name))


def convolute_and_save(
    module_path: str,
    signature: str,
    export_path: str,
    transform_fn: Callable,
    transform_checkpoint_path: str | None,
    new_signature: str | None = None,
) -> None:
    """Appends a function to a signature of a module and saves both as a frozen module.

    Args:
        module_path: path of the module's folder.
        signature: the signature whose outputs the function gets, by keyword.
        export_path: path of the folder to write.
        transform_fn: function that returns a tensor, named `default`, or a dict of them. It is
            written for TensorFlow 1 and may make variables with `tf.compat.v1.get_variable`.
        transform_checkpoint_path: path of the checkpoint with the values of these variables; None
            if there are none.
        new_signature: name of the result's signature; None for `signature`.

    Raises:
        FileExistsError: `export_path` exists.
        FileNotFoundError: there is no module.
        ValueError: the module has no such signature, or the values of variables are missing.
    """
    loaded = load_signature(module_path, signature)
    names = sorted(loaded.function.structured_outputs)
    specs = [loaded.function.structured_outputs[name] for name in names]

    def transform_by_position(*tensors):
        with tf.compat.v1.variable_scope(_SCOPE):
            return transform_fn(**dict(zip(names, tensors, strict=True)))

    # The only place where TensorFlow 2 lets functions make TensorFlow 1 variables.
    wrapped = tf.compat.v1.wrap_function(
        transform_by_position, [tf.TensorSpec(spec.shape, spec.dtype) for spec in specs]
    )
    _restore(wrapped.graph.variables, transform_checkpoint_path)

    def transform(**tensors):
        return wrapped(*[tensors[name] for name in names])

    result: Signature = append_to_signature(loaded, transform)
    export_frozen({new_signature or signature: result}, export_path)
