"""AdamW in two groups: the published trajectory, which variables it spares, files, bad input."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.training import optimizer_config  # noqa: F401 (its gin names)
from tfdis.training.grouped_adam import GroupedAdamW

# Parameters, three gradients and the parameters after each step: the optimiser of QLAE's published code run
# with learning rate .001, decay .1 and clipping at 1.
START = [-1.02250684, 0.03863055, -1.6567151, -0.98551074, -1.47183501]
GRADIENTS = [
    [3.29626986, 0.32845551, 1.13458056, -0.4453502, -0.7068635],
    [-3.23294838, -0.58367473, -1.52298442, 1.71584785, 2.28220373],
    [2.93315743, 1.70510388, -1.19730787, -2.23179397, 1.53332636],
]
AFTER = [
    [-1.02340459, 0.03762669, -1.65754943, -0.98441219, -1.47068782],
    [-1.02324962, 0.03794303, -1.65733104, -0.98472109, -1.47076187],
    [-1.02348309, 0.03754599, -1.6567631, -0.98442405, -1.47115136],
]


def _walk(optimizer, name):
    variable = keras.Variable(np.array(START, "float32"), name=name)
    optimizer.build([variable])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [variable]))
    found = []
    for gradient in GRADIENTS:
        step(tf.constant(gradient, tf.float32))
        found.append(variable.numpy())
    return np.array(found)


@pytest.mark.parametrize("name", ["kernel", "gamma", "constant"])
def test_kernels_scales_and_learned_inputs_take_the_published_steps(name):
    np.testing.assert_allclose(_walk(GroupedAdamW(0.001), name), AFTER, atol=3e-7)


@pytest.mark.parametrize("name", ["bias", "beta", "values"])
def test_offsets_and_tables_take_plain_adam_with_neither_decay_nor_clipping(name):
    expected, m, v = np.array(START), 0.0, 0.0
    for t, gradient in enumerate(np.array(GRADIENTS), start=1):
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        expected = expected - 0.001 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    found = _walk(GroupedAdamW(0.001), name)[-1]
    np.testing.assert_allclose(found, expected, atol=3e-7)
    assert np.abs(found - AFTER[-1]).max() > 1e-5


def test_names_are_compared_whole_and_may_be_chosen():
    assert np.abs(_walk(GroupedAdamW(0.001), "bias_kernel") - AFTER).max() < 3e-7
    assert np.abs(_walk(GroupedAdamW(0.001, spared=["kernel"]), "bias") - AFTER).max() < 3e-7


def test_its_file_keeps_the_groups():
    optimizer = GroupedAdamW(0.1, weight_decay=0.3, clip=None, spared=("bias",))
    loaded = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(loaded) is GroupedAdamW
    assert (loaded.weight_decay, loaded.clip, loaded.spared) == (0.3, None, ["bias"])
    for name in ("kernel", "bias"):
        np.testing.assert_array_equal(
            _walk(type(loaded).from_config(loaded.get_config()), name),
            _walk(type(loaded).from_config(optimizer.get_config()), name),
        )


def test_gin_builds_it():
    gin.parse_config(
        """
        vae_optimizer.optimizer_fn = @AdamWOptimizer
        AdamWOptimizer.weight_decay = 0.001
        """
    )
    optimizer = optimizer_config.make_vae_optimizer()
    assert isinstance(optimizer, GroupedAdamW)
    assert (optimizer.weight_decay, optimizer.clip) == (0.001, 1.0)


@pytest.mark.parametrize("options", [{"weight_decay": -0.1}, {"clip": 0.0}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="GroupedAdamW"):
        GroupedAdamW(**options)
