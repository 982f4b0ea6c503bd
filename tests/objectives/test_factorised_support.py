"""The term of factorised support: its pairs, its value, and bad input."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import objectives, ops

MEAN = tf.constant(np.random.default_rng(0).normal(size=(6, 8)), tf.float32)


def _outputs(step=0):
    nothing = dict.fromkeys(["x", "reconstruction", "posterior", "log_var", "z"])
    return objectives.Outputs(**nothing, mean=MEAN, step=tf.constant(step, tf.int64))


def test_all_pairs_are_those_of_different_latents():
    pairs = objectives.FactorisedSupport(num_pairs=None).pairs(tf.constant(0), 8).numpy()
    assert len({tuple(pair) for pair in pairs}) == 28 and np.all(pairs[:, 0] < pairs[:, 1])


def test_pairs_are_drawn_without_replacement_by_seed_and_step_alone():
    draws = {}
    for seed, step in [(0, 0), (0, 1), (1, 0)]:
        term = objectives.FactorisedSupport(num_pairs=20, seed=seed)
        pairs = term.pairs(tf.constant(step, tf.int64), 8).numpy()
        np.testing.assert_array_equal(pairs, term.pairs(tf.constant(step, tf.int64), 8))
        draws[seed, step] = {tuple(pair) for pair in pairs}
        assert len(draws[seed, step]) == 20
    assert draws[0, 0] != draws[0, 1] != draws[1, 0] != draws[0, 0]


def test_the_value_is_the_sum_over_the_pairs_of_the_step():
    term = objectives.FactorisedSupport(5.0, num_pairs=3)
    for step in (0, 7):
        value, weighted = term(_outputs(step))
        pairs = term.pairs(tf.constant(step, tf.int64), 8)
        assert float(value) == pytest.approx(float(ops.support_distance(MEAN, pairs)))
        assert float(weighted) == pytest.approx(5 * float(value))


@pytest.mark.parametrize("options", [{"weight": -1.0}, {"num_pairs": 0}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="FactorisedSupport"):
        objectives.FactorisedSupport(**options)
