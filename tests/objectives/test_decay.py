"""Schedules of learning rates against their formulas; test_schedule.py has what all schedules have to do."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import objectives

STEPS = np.arange(61)


def _values(schedule):
    traced = tf.function(schedule, input_signature=[tf.TensorSpec([], tf.int64)])
    return [float(traced(tf.constant(step, tf.int64))) for step in STEPS]


def test_step_falls_at_the_step_and_not_after_it():
    schedule = objectives.StepSchedule(2.0, 0.1, every=20)
    np.testing.assert_allclose(_values(schedule), 2 * 0.1 ** (STEPS // 20), rtol=1e-5)


def test_milestones_count_from_their_own_step():
    schedule = objectives.MultiStepSchedule(2.0, 0.5, milestones=[1, 20, 50])
    expected = 2 * 0.5 ** np.searchsorted([1, 20, 50], STEPS, side="right")
    np.testing.assert_allclose(_values(schedule), expected, rtol=1e-6)
    assert schedule.minimum == 0.25
    epochs = objectives.MultiStepSchedule(2.0, 0.5, milestones=[2], steps_per_epoch=10)
    np.testing.assert_allclose(_values(epochs), np.where(STEPS < 20, 2.0, 1.0))


@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
def test_cycles(mode):
    schedule = objectives.CyclicSchedule(1.0, 3.0, half_period=8, mode=mode, decay=0.97)
    # From `low` to `high` and back, said as a table of corners.
    height = np.interp(STEPS % 16, [0, 8, 16], [0, 2, 0])
    scale = {"triangular": 1, "triangular2": 0.5 ** (STEPS // 16), "exp_range": 0.97**STEPS}[mode]
    np.testing.assert_allclose(_values(schedule), 1 + height * scale, rtol=1e-5)
    assert schedule.minimum == 1.0


@pytest.mark.parametrize(("factor", "minimum"), [(0.5, 0.0), (2.0, 3.0)])
def test_the_lowest_value_of_a_decay(factor, minimum):
    assert objectives.StepSchedule(3.0, factor, every=2).minimum == minimum


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("StepSchedule", (1.0, 0.0, 5), "factor and every above 0. Received: factor=0.0"),
        ("StepSchedule", (1.0, 0.5, -1), "every=-1"),
        ("MultiStepSchedule", (1.0, 0.5, [3, 2]), r"ascending order. Received: \[3, 2\]"),
        ("MultiStepSchedule", (1.0, 0.5, []), "milestones of 1 or more"),
        ("CyclicSchedule", (0.0, 1.0, 5, "sawtooth"), "one of .*'exp_range'.*mode='sawtooth'"),
    ],
)
def test_what_cannot_be_is_refused(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(objectives, name)(*arguments)
