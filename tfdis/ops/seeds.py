"""Seeds of stateless draws: the same seed and step give the same numbers, also after a resume."""

import tensorflow as tf

# Stateless draws of TensorFlow take int32 seeds.
_SEEDS = 2**31 - 1


def seed_at(seed: int, step: tf.Tensor | int, stream: int | None = None) -> tf.Tensor:
    """The seed of the draws of one step.

    Args:
        seed: any integer, 0 or more.
        step: scalar integer.
        stream: a number that sets these draws apart from others of the same seed and step; None for the
            plain pair of seed and step.

    Returns:
        int32 `[2]`, for `tf.random.stateless_*`.
    """
    pair = tf.stack([seed % _SEEDS, tf.cast(step, tf.int32)])
    return pair if stream is None else tf.random.fold_in(pair, stream)
