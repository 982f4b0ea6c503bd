"""Schedules against the formulas, in graphs, as learning rates, and saved."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import ONE_LAYER

from tfdis import models, objectives

OPTIONS = {"image_shape": (16, 16, 1), "latent_dim": 2, **ONE_LAYER}
STEPS = [0, 1, 9, 10, 25, 39, 40, 41, 1000]


def _values(schedule, steps=STEPS):
    return [float(schedule(tf.constant(step, tf.int64))) for step in steps]


def test_linear():
    expected = np.interp(STEPS, [10, 40], [1.0, 4.0])
    received = _values(objectives.LinearSchedule(1.0, 4.0, end_step=40, start_step=10))
    np.testing.assert_allclose(received, expected, rtol=1e-6)


def test_cosine_is_the_papers_formula():
    t = np.clip((np.array(STEPS) - 10) / 30, 0, 1)
    expected = 4 - 0.5 * (4 - 1) * (1 + np.cos(np.pi * t))
    received = _values(objectives.CosineSchedule(1.0, 4.0, end_step=40, start_step=10))
    np.testing.assert_allclose(received, expected, rtol=1e-5)


@pytest.mark.parametrize("factor", [1, 2, 1.5])
def test_restarts(factor):
    schedule = objectives.CosineRestartsSchedule(1.0, 0.1, period=10, period_factor=factor)
    start, length, expected = 0.0, 10.0, []
    for step in range(200):
        if step >= start + length - 1e-9:
            start, length = start + length, length * factor
        expected.append(0.1 + 0.9 * 0.5 * (1 + np.cos(np.pi * (step - start) / length)))
    np.testing.assert_allclose(_values(schedule, range(200)), expected, atol=2e-4)


@pytest.mark.parametrize("rate", [0.0, 2e-5, 0.1])
def test_exponential_keeps_the_digits_of_small_rates(rate):
    steps = [0, 1, 999, 50_000, 10_000_000]
    received = _values(objectives.ExponentialSchedule(2, rate), steps)
    np.testing.assert_allclose(received, 2 * np.exp(-rate * np.array(steps)), rtol=3e-5, atol=1e-30)


def test_capacity_grows_to_its_maximum():
    received = _values(objectives.CapacitySchedule(25.0, 2000), [0, 500, 2000, 9999])
    np.testing.assert_allclose(received, [0.0, 6.25, 25.0, 25.0])


def test_constant_and_shifted():
    assert _values(objectives.ConstantSchedule(3.0), [0, 7]) == [3.0, 3.0]
    shifted = objectives.LinearSchedule(1.0, 3.0, end_step=2) - 1.0
    assert _values(shifted, [0, 1, 2]) == [0.0, 1.0, 2.0]
    assert shifted.minimum == 0.0
    assert (shifted + 5).minimum == 5.0


def test_epochs_count_from_zero_and_are_constant_within_one():
    schedule = objectives.LinearSchedule(0.0, 4.0, end_step=4, steps_per_epoch=100)
    assert _values(schedule, [0, 99, 100, 199, 399, 400]) == [0.0, 0.0, 1.0, 1.0, 3.0, 4.0]


def test_the_step_is_read_in_a_graph():
    schedule = objectives.CosineSchedule(0.0, 2.0, end_step=10)
    traced = tf.function(schedule, input_signature=[tf.TensorSpec([], tf.int64)])
    for step in (0, 5, 20):
        assert float(traced(tf.constant(step, tf.int64))) == pytest.approx(float(schedule(step)))
    assert traced.experimental_get_tracing_count() == 1


SCHEDULES = [
    objectives.ConstantSchedule(2.0),
    objectives.LinearSchedule(2.0, 1.0, end_step=10),
    objectives.CosineSchedule(2.0, 1.0, end_step=10, start_step=2, steps_per_epoch=3),
    objectives.CosineRestartsSchedule(2.0, 1.0, period=7, period_factor=2.0),
    objectives.CapacitySchedule(5.0, 10),
    objectives.ExponentialSchedule(2.0, 0.01),
    SHIFTED := objectives.LinearSchedule(2.0, 1.0, end_step=10) - 0.5,
    objectives.StepSchedule(2.0, 0.5, every=3),
    objectives.MultiStepSchedule(2.0, 0.5, milestones=(2, 5)),
    objectives.CyclicSchedule(1.0, 2.0, half_period=3, mode="triangular2"),
]


def test_schedules_are_read_back_equal():
    for schedule in SCHEDULES:
        serialised = keras.saving.serialize_keras_object(schedule)
        again = keras.saving.deserialize_keras_object(serialised)
        assert again == schedule
        assert _values(again) == _values(schedule)


@pytest.mark.long
@pytest.mark.parametrize(
    "schedule", [case(s is SHIFTED, s) for s in SCHEDULES], ids=lambda s: type(s).__name__
)
def test_schedules_are_saved_with_the_model_and_the_optimizer(schedule, tmp_path):
    model = models.BetaVAE(schedule, capacity=schedule, **OPTIONS)
    model.compile(keras.optimizers.Adam(schedule))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.beta == schedule
    assert loaded.controls.capacity == schedule
    assert loaded.optimizer._learning_rate == schedule
    assert _values(loaded.beta) == _values(schedule)


def test_an_optimizer_follows_a_schedule():
    optimizer = keras.optimizers.SGD(objectives.LinearSchedule(1.0, 0.0, end_step=4))
    variable = keras.Variable([0.0])
    for _ in range(5):
        optimizer.apply([tf.constant([1.0])], [variable])
    np.testing.assert_allclose(variable, [-(1 + 0.75 + 0.5 + 0.25)], rtol=1e-6)


def test_a_scheduled_beta_weighs_the_step_it_is_at():
    model = models.BetaVAE(objectives.LinearSchedule(0.0, 8.0, end_step=4), **OPTIONS)
    x = tf.random.stateless_uniform([4, 16, 16, 1], [0, 1])
    for step, beta in ((0, 0.0), (1, 2.0), (9, 8.0)):
        losses = model.losses_of(model.outputs(x, tf.constant(step, tf.int64)))
        expected = beta * float(losses["kl_loss"])
        assert float(losses["regularizer"]) == pytest.approx(expected, rel=1e-5)


def test_a_scheduled_beta_of_beta_tcvae_is_one_less_for_the_total_correlation():
    beta = objectives.LinearSchedule(1.0, 5.0, end_step=4)
    model = models.BetaTCVAE(beta, **OPTIONS)
    assert _values(model.terms[1].weight, [0, 2, 4]) == [0.0, 2.0, 4.0]


def test_gin_names_schedules():
    gin.parse_config(
        """
        vae.beta = @up/linear_schedule()
        up/linear_schedule.start = 0.0
        up/linear_schedule.end = 4.0
        up/linear_schedule.end_step = 100
        vae.capacity = @capacity_schedule()
        capacity_schedule.c_max = 25.0
        capacity_schedule.iteration_threshold = 2000
        """
    )
    builder = gin.get_configurable("vae")()
    assert builder.keywords["beta"] == objectives.LinearSchedule(0.0, 4.0, end_step=100)
    assert builder.keywords["capacity"] == objectives.CapacitySchedule(25.0, 2000)


@pytest.mark.parametrize(
    "build",
    [
        lambda: objectives.LinearSchedule(0.0, 1.0, end_step=5, start_step=5),
        lambda: objectives.CosineSchedule(0.0, 1.0, end_step=0),
        lambda: objectives.CosineSchedule(0.0, 1.0, end_step=5, steps_per_epoch=0),
        lambda: objectives.CosineRestartsSchedule(1.0, 0.0, period=0),
        lambda: objectives.CosineRestartsSchedule(1.0, 0.0, period=5, period_factor=0.5),
        lambda: objectives.CapacitySchedule(-1.0, 5),
        lambda: objectives.CapacitySchedule(1.0, 0),
        lambda: objectives.KL(objectives.LinearSchedule(1.0, -1.0, end_step=5)),
    ],
)
def test_bad_arguments_are_refused(build):
    with pytest.raises(ValueError, match="Received"):
        build()
