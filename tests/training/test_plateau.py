"""The plateau rule on losses that are given, and its state in checkpoints."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.objectives import ConstantSchedule
from tfdis.training.plateau import LearningRatePlateau


class _Model:
    """What the rule sees of a model."""

    def __init__(self, learning_rate=1.0):
        self.optimizer = keras.optimizers.SGD(learning_rate)


def _run(rule, losses, steps=10, model=None):
    """Learning rate after every interval of `steps` steps with the given mean losses."""
    model = model or _Model()
    rule.set_model(model)
    rule.on_train_begin()
    rates = []
    for loss in losses:
        model.optimizer.iterations.assign_add(steps)
        rule.on_epoch_end(0, {"loss": loss})
        rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
    return rates


def test_the_rate_falls_after_two_epochs_without_improvement():
    rates = _run(LearningRatePlateau(), [5.0, 4.0, 4.0, 3.0, 3.0, 3.1, 3.0, 3.2, 2.0])
    expected = [1, 1, 1, 1, 1, 0.95, 0.95, 0.95**2, 0.95**2]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_an_improvement_below_the_threshold_is_none():
    assert _run(LearningRatePlateau(), [5.0, 4.9999, 4.9998])[-1] == pytest.approx(0.95)
    assert _run(LearningRatePlateau(), [5.0, 4.99, 4.98])[-1] == 1.0
    assert _run(LearningRatePlateau(), [-5.0, -5.01, -5.02])[-1] == 1.0
    assert _run(LearningRatePlateau(), [-5.0, -4.0, -4.0])[-1] == pytest.approx(0.95)


def test_the_floor_holds():
    rates = _run(LearningRatePlateau(factor=0.5, patience=1, min_learning_rate=0.3), [1.0] * 5)
    np.testing.assert_allclose(rates, [1.0, 0.5, 0.3, 0.3, 0.3], rtol=1e-6)
    assert _run(LearningRatePlateau(min_learning_rate=2.0), [1.0] * 9)[-1] == 1.0


def test_an_epoch_is_the_mean_over_its_steps():
    rule = LearningRatePlateau(epoch_steps=30, patience=1)
    # Means 4, 4.2, 3: only the second epoch does not improve, though single intervals do.
    rates = _run(rule, [6.0, 3.0, 3.0, 1.0, 5.8, 5.8, 3.0, 3.0, 3.0])
    np.testing.assert_allclose(rates, [1] * 5 + [0.95] * 4, rtol=1e-6)


def test_intervals_of_unequal_length_are_weighed_by_their_steps():
    model, rule = _Model(), LearningRatePlateau(epoch_steps=10, patience=1)
    _run(rule, [2.0], steps=10, model=model)
    _run(rule, [0.0], steps=1, model=model)
    rates = _run(rule, [2.3], steps=9, model=model)  # Mean 2.07.
    assert rates == [pytest.approx(0.95)]


def test_a_rule_restored_from_a_checkpoint_goes_on_as_if_never_stopped(tmp_path):
    losses = [5.0, 5.1, 4.9, 5.0, 5.0, 5.0, 4.8, 5.0, 5.0, 5.0]
    options = {"epoch_steps": 20, "patience": 2}
    whole = _run(LearningRatePlateau(**options), losses)
    for stopped in range(1, len(losses)):
        rule, model = LearningRatePlateau(**options), _Model()
        first = _run(rule, losses[:stopped], model=model)
        saved = tf.train.Checkpoint(plateau=rule.state, optimizer=model.optimizer)
        path = saved.write(str(tmp_path / f"ckpt-{stopped}"))
        rule, model = LearningRatePlateau(**options), _Model()
        restored = tf.train.Checkpoint(plateau=rule.state, optimizer=model.optimizer)
        restored.read(path).assert_existing_objects_matched()
        assert first + _run(rule, losses[stopped:], model=model) == whole


def test_a_learning_rate_that_is_a_schedule_is_refused():
    with pytest.raises(ValueError, match="Received a schedule"):
        _run(LearningRatePlateau(), [1.0], model=_Model(ConstantSchedule(1.0)))


@pytest.mark.parametrize(
    "options", [{"factor": 1.0}, {"factor": 0.0}, {"patience": 0}, {"epoch_steps": 0}]
)
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="learning_rate_plateau"):
        LearningRatePlateau(**options)
