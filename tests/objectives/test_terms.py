"""Terms: their values on known outputs, weights, schedules and bad arguments."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import objectives, ops

RNG = np.random.default_rng(0)
MEAN, LOG_VAR, Z = (tf.constant(RNG.normal(size=(6, 3)), tf.float32) for _ in range(3))


def _outputs(step=0):
    return objectives.Outputs(
        x=None,
        reconstruction=None,
        posterior=None,
        mean=MEAN,
        log_var=LOG_VAR,
        z=Z,
        step=tf.constant(step, tf.int64),
    )


def _kl():
    mean, log_var = MEAN.numpy().astype("float64"), LOG_VAR.numpy().astype("float64")
    return (0.5 * (mean**2 + np.exp(log_var) - log_var - 1)).sum(1).mean()


def test_kl_is_weighted():
    value, weighted = objectives.KL(4.0)(_outputs())
    assert float(value) == pytest.approx(_kl(), rel=1e-6)
    assert float(weighted) == pytest.approx(4 * _kl(), rel=1e-6)


def test_a_weight_may_be_a_schedule_of_the_step():
    ramp = objectives.KL(lambda step: tf.cast(step, tf.float32) / 10)
    assert float(ramp(_outputs(5))[1]) == pytest.approx(0.5 * _kl(), rel=1e-6)


@pytest.mark.parametrize(("step", "capacity"), [(0, 0.0), (50, 2.5), (100, 5.0), (1000, 5.0)])
def test_capacity_grows_linearly_and_stops(step, capacity):
    term = objectives.CapacityKL(1000.0, c_max=5.0, iteration_threshold=100)
    value, weighted = term(_outputs(step))
    assert float(value) == pytest.approx(abs(_kl() - capacity), rel=1e-5)
    assert float(weighted) == pytest.approx(1000 * abs(_kl() - capacity), rel=1e-5)


def test_total_correlation_is_that_of_ops():
    value, weighted = objectives.TotalCorrelation(3.0)(_outputs())
    expected = float(ops.total_correlation(Z, MEAN, LOG_VAR))
    assert float(value) == pytest.approx(expected)
    assert float(weighted) == pytest.approx(3 * expected)


@pytest.mark.parametrize(
    "build",
    [
        lambda: objectives.KL(-1.0),
        lambda: objectives.KL(float("nan")),
        lambda: objectives.CapacityKL(-1.0, 1.0, 1),
        lambda: objectives.CapacityKL(1.0, -1.0, 1),
        lambda: objectives.CapacityKL(1.0, 1.0, 0),
        lambda: objectives.TotalCorrelation(1.0, "mss"),
    ],
)
def test_bad_arguments_are_refused(build):
    with pytest.raises(ValueError, match="Received"):
        build()


@pytest.mark.parametrize(
    "term",
    [
        objectives.KL(2.0),
        objectives.CapacityKL(10.0, 25.0, 100),
        objectives.TotalCorrelation(3.0, "mss", 99),
        objectives.BernoulliLoss("tanh", True),
        objectives.L2Loss("tanh"),
    ],
)
def test_configuration_round_trip(term):
    assert type(term).from_config(term.get_config()) == term
