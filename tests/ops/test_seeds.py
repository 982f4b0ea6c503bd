"""Seeds of stateless draws."""

import numpy as np
import tensorflow as tf

from tfdis import ops


def test_a_seed_is_the_pair_of_seed_and_step():
    np.testing.assert_array_equal(ops.seed_at(7, tf.constant(3, tf.int64)), [7, 3])
    assert ops.seed_at(2**31 + 4, 0).numpy().tolist() == [5, 0]


def test_streams_of_one_seed_and_step_are_apart():
    seeds = {tuple(ops.seed_at(7, 3, stream).numpy()) for stream in (None, 1, 2)}
    assert len(seeds) == 3
    np.testing.assert_array_equal(ops.seed_at(7, 3, 1), ops.seed_at(7, 3, 1))
