"""Learning rates whose schedule counts other steps than the optimiser's iterations."""

import keras
import pytest

from tfdis.models.step_counting import count_steps

HALVING = keras.optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)


@pytest.mark.parametrize("wrap", [lambda optimizer: optimizer, keras.optimizers.LossScaleOptimizer])
def test_a_schedule_is_read_at_the_step_and_read_back_from_its_configuration(wrap):
    inner = keras.optimizers.SGD(HALVING)
    for _ in range(2):
        count_steps(wrap(inner), 3, 2)
    read_back = keras.optimizers.SGD.from_config(inner.get_config())
    for optimizer in (inner, read_back):
        optimizer.build([])
        optimizer.iterations.assign(5)
        assert float(optimizer.learning_rate) == 0.5**6
    count_steps(inner, 1)
    assert float(inner.learning_rate) == 0.5**5


def test_a_constant_learning_rate_stays():
    optimizer = keras.optimizers.SGD(0.25)
    count_steps(optimizer, 3, 2)
    assert float(optimizer.learning_rate) == 0.25
