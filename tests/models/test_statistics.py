"""Interval means and the first update that was not finite."""

import numpy as np
import tensorflow as tf

from tfdis.models.statistics import StepStatistics


def _update(statistics, loss, kl):
    statistics.update_state({"loss": tf.constant(loss), "kl_loss": tf.constant(kl)})


def test_means_since_the_reset():
    statistics = StepStatistics(["loss", "kl_loss"])
    _update(statistics, 1.0, 5.0)
    _update(statistics, 3.0, 7.0)
    assert {k: float(v) for k, v in statistics.result().items()} == {"loss": 2.0, "kl_loss": 6.0}
    statistics.reset_state()
    _update(statistics, 10.0, 1.0)
    assert float(statistics.result()["loss"]) == 10.0
    assert statistics.first_not_finite() is None


def test_the_first_bad_update_is_remembered():
    statistics = StepStatistics(["loss", "kl_loss"])
    _update(statistics, 1.0, 5.0)
    _update(statistics, np.inf, 7.0)
    _update(statistics, np.nan, np.nan)
    assert statistics.first_not_finite() == (2, {"loss": np.inf, "kl_loss": 7.0})
