"""The tf.data skeleton of every stream: a batch is a function of its step number."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

_NUM_PREFETCHED = 4


def check_steps(batch_size: int, start_step: int = 0) -> None:
    """Raises ValueError for a batch size below 1 or a start step below 0."""
    if batch_size < 1 or start_step < 0:
        raise ValueError(
            "Expected batch_size of at least 1 and start_step of at least 0. "
            f"Received: batch_size={batch_size}, start_step={start_step}."
        )


def batches_of_steps(
    batch: Callable, start_step: int = 0, num_batches: int | None = None
) -> "tf.data.Dataset":
    """A stream of `batch(step)` for step = start_step, start_step + 1, ..., in order.

    Args:
        batch: function of the step, an int64 scalar tensor, that gives the step's batch.
        start_step: number of steps to skip.
        num_batches: the step to stop before; None for an endless stream.
    """
    import tensorflow as tf

    stop = np.iinfo(np.int64).max if num_batches is None else num_batches
    steps = tf.data.Dataset.range(start_step, stop)
    if num_batches is None:
        steps = steps.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    options = tf.data.Options()
    options.deterministic = True
    # There is nothing to tune, and the tuner's thread would only take time.
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    # Under a multi-worker strategy each worker takes every n-th batch: there are no files.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return steps.map(batch).prefetch(_NUM_PREFETCHED).with_options(options)
