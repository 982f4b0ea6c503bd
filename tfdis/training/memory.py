"""Checks that a batch can fit into the machine's memory before training starts."""

import math
import os

import keras
import tensorflow as tf

_BYTES = 4
# Every activation is kept for its gradient, and its gradient has the same size.
_COPIES = 2


def activation_bytes(model: keras.Model) -> int:
    """Smallest number of bytes that an image's activations and their gradients take in a training step.

    Args:
        model: object with `encoder` and `decoder`, functional Keras models, and `image_shape`.
    """
    sizes = [math.prod(model.image_shape)]
    for network in (model.encoder, model.decoder):
        for layer in network.layers:
            # Layers that are called outside of a functional model have no output that is known.
            outputs = keras.tree.flatten(getattr(layer, "output", []))
            sizes += [math.prod(t.shape[1:]) for t in outputs]
    return sum(sizes) * _BYTES * _COPIES


def available_bytes() -> int:
    """Memory that new work can take: `MemAvailable` on Linux, all physical memory elsewhere."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def check_batch_fits(model: keras.Model, batch_size: int) -> None:
    """Raises MemoryError if the activations of one batch alone exceed the machine's memory.

    Machines with a GPU are left to TensorFlow, whose own error names the tensor.

    Args:
        model: as for `activation_bytes`.
        batch_size: number of images in one step.

    Raises:
        MemoryError: the batch cannot fit; the message names both sizes and the largest batch that
            may fit.
    """
    if tf.config.list_physical_devices("GPU"):
        return
    needed, available = activation_bytes(model), available_bytes()
    if batch_size * needed > available:
        raise MemoryError(
            f"Expected a batch that fits into the {available / 1e9:.1f} GB of memory that are free. "
            f"Received: model.batch_size = {batch_size}, whose activations alone take "
            f"{batch_size * needed / 1e9:.1f} GB. Use a batch of fewer than {available // needed}."
        )
