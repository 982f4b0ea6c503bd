"""Weights of torchvision's VGG19-BN, renamed and transposed for our network."""

from collections.abc import Mapping

import numpy as np

from tfdis.features.vgg19_bn import BLOCKS, layer_names

_BATCH_NORMALISATION = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def convert_vgg19_bn(state_dict: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Converts torchvision's `vgg19_bn` state dictionary; its classifier is left out.

    Args:
        state_dict: arrays by PyTorch's names, such as `features.0.weight`.

    Returns:
        float32 arrays named `<layer>/<kernel, bias, gamma, beta, moving_mean, moving_variance>`.

    Raises:
        ValueError: the weights are those of another network; the message names the first that does
            not fit.
    """
    converted, used, channels = {}, set(), 3
    for position, (convolution, normalisation, filters) in zip(
        _positions(), layer_names(), strict=True
    ):
        wanted = {f"{position}.weight": (filters, channels, 3, 3), f"{position}.bias": (filters,)}
        wanted |= {f"{position + 1}.{name}": (filters,) for name in _BATCH_NORMALISATION}
        arrays = {name: _take(state_dict, f"features.{name}", wanted[name]) for name in wanted}
        used |= {f"features.{name}" for name in wanted}
        # PyTorch has kernels [out, in, height, width]; Keras [height, width, in, out].
        converted[f"{convolution}/kernel"] = arrays[f"{position}.weight"].transpose(2, 3, 1, 0)
        converted[f"{convolution}/bias"] = arrays[f"{position}.bias"]
        for name, ours in _BATCH_NORMALISATION.items():
            converted[f"{normalisation}/{ours}"] = arrays[f"{position + 1}.{name}"]
        channels = filters
    _check_nothing_left(state_dict, used)
    return {name: np.ascontiguousarray(a, "float32") for name, a in converted.items()}


def _positions():
    """Index in torchvision's `features` of each convolution."""
    position = 0
    for _, num_convolutions in BLOCKS:
        for _ in range(num_convolutions):
            yield position
            position += 3  # Convolution, batch normalisation, relu.
        position += 1  # Max-pool.


def _take(state_dict, name, shape):
    received = state_dict[name].shape if name in state_dict else "no such tensor"
    if received != shape:
        raise ValueError(
            f"Expected the weights of torchvision's vgg19_bn, {name!r} with shape {shape}. Received: "
            f"{received}: they are of another network."
        )
    return state_dict[name]


def _check_nothing_left(state_dict, used):
    for name in state_dict:
        is_known = name in used or name.endswith(".num_batches_tracked")
        if not is_known and not name.startswith("classifier."):
            raise ValueError(
                f"Expected the weights of torchvision's vgg19_bn. Received: the further tensor {name!r}: "
                "they are of another network."
            )
