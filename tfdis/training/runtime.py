"""How TensorFlow runs: precision, distribution strategy, determinism."""

import contextlib

import keras
import tensorflow as tf

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
STRATEGIES = ("one_device", "mirrored", "multi_worker_mirrored")


@contextlib.contextmanager
def precision(name: str, root: str = "model"):
    """Sets Keras's dtype policy while a run is on.

    Args:
      name: "float32", "mixed_bfloat16" or "mixed_float16"; variables and losses are float32 in all.
      root: the gin root, for messages.

    Raises:
      ValueError: an unknown name.
    """
    _check(f"{root}.precision", name, PRECISIONS)
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def strategy(name: str, root: str = "model") -> tf.distribute.Strategy:
    """Returns the distribution strategy of that name.

    Args:
      name: "one_device" (the default strategy), "mirrored" (all visible GPUs) or
        "multi_worker_mirrored" (the cluster described by TF_CONFIG).
      root: the gin root, for messages.

    Raises:
      ValueError: an unknown name.
    """
    _check(f"{root}.strategy", name, STRATEGIES)
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    if name == "multi_worker_mirrored":
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.get_strategy()


def enable_determinism() -> None:
    """Makes every kernel give the same bits in every run; it cannot be undone in this process."""
    tf.config.experimental.enable_op_determinism()


def _check(option, value, allowed):
    if value not in allowed:
        raise ValueError(f"Expected {option} to be one of {allowed}. Received: {value!r}.")
