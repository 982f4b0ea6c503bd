"""Replaces `hub.eval_function_for_module`: an exported module as a function of NumPy arrays."""

import contextlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import tensorflow as tf

from tfdis.export.frozen import Signature
from tfdis.export.postprocess import load_signature


def _to_tensor(name: str, value, spec: tf.TensorSpec, module_path: str) -> tf.Tensor:
    array = np.asarray(value)
    if not spec.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"Expected {name} of shape {tuple(spec.shape)} for the module {module_path} (None is "
            f"any size). Received: shape {array.shape}. Score a module on the data set that it was "
            "trained on, or on one of the same image size (dataset.name)."
        )
    return tf.convert_to_tensor(array.astype(spec.dtype.as_numpy_dtype, copy=False))


def call_signature(
    signature: Signature, inputs: Mapping, module_path: str
) -> dict[str, np.ndarray]:
    """Calls a signature with arrays.

    Args:
        signature: signature of a loaded module.
        inputs: one array for each input.
        module_path: path of the module, for messages.

    Returns:
        One array for each output.

    Raises:
        ValueError: the signature has other inputs, or inputs of another shape.
    """
    if set(inputs) != set(signature.inputs):
        raise ValueError(
            f"Expected the inputs {sorted(signature.inputs)} for the module {module_path}. "
            f"Received: {sorted(inputs)}."
        )
    tensors = {
        name: _to_tensor(name, value, signature.inputs[name], module_path)
        for name, value in inputs.items()
    }
    return {name: value.numpy() for name, value in signature.function(**tensors).items()}


@contextlib.contextmanager
def eval_function_for_module(module_path: str, tags: object = None) -> Iterator[Callable]:
    """Gives the signatures of a module as one function.

    Args:
        module_path: path of a TF Hub module's folder, frozen or not.
        tags: accepted because the original did, and ignored: modules here have one graph.

    Yields:
        `f(inputs, signature=None, as_dict=None)`. `inputs` is a dict of arrays; any batch size runs
        without tracing again. Returns a dict of arrays if `as_dict`, otherwise the output
        `default`.

    Raises:
        FileNotFoundError: there is no module.
        ValueError: by `f`, for a signature, input or shape that the module does not have.

    Example:
        >>> with eval_function_for_module("runs/btc/tfhub") as f:  # doctest: +SKIP
        ...     mean = f({"images": x}, signature="gaussian_encoder", as_dict=True)["mean"]
    """
    del tags
    signatures: dict[str, Signature] = {}

    def evaluate(inputs, signature=None, as_dict=None):
        name = signature or "default"
        if name not in signatures:
            signatures[name] = load_signature(module_path, name)
        outputs = call_signature(signatures[name], inputs, module_path)
        return outputs if as_dict else outputs["default"]

    yield evaluate
