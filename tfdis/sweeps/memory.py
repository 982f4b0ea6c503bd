"""Keeps the process of a study small from one step of a point to the next."""

import contextlib
import ctypes
import gc


def release() -> None:
    """Forgets what the last step has traced, and gives freed memory back to the system.

    Models refer to themselves, so that only a collection frees them; the C library keeps what is freed
    for this process unless it is told not to.
    """
    import keras

    keras.backend.clear_session()
    _forget_custom_gradients()
    gc.collect()
    with contextlib.suppress(
        AttributeError, OSError
    ):  # Only the C library of GNU has the function.
        ctypes.CDLL(None).malloc_trim(0)


def _forget_custom_gradients() -> None:
    """Empties TensorFlow's table of the functions that `tf.custom_gradient` traced.

    Nothing else does: an entry keeps its graph, and with that the variables of a model, until the process
    ends. Every training step makes some.
    """
    from tensorflow.python.framework import ops

    table = getattr(ops.gradient_registry, "_registry", {})
    for name in [name for name in table if name.startswith("CustomGradient-")]:
        del table[name]


def leave_imports_alone() -> None:
    """Leaves all that is in memory now, which is what was imported, out of every later collection."""
    gc.collect()
    gc.freeze()
