"""PyTorchAdam against algorithm 1 of Adam's paper in float64, and its place in gin and Keras."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.training.optimizer_config import make_vae_optimizer
from tfdis.training.optimizers import FusedAdam, PyTorchAdam

STEPS = (1, 10, 50, 200)


def algorithm_1(
    gradients, start, rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-8, l2=0.0, decay=0.0
):
    """Weights after every step, in float64; `l2` as torch.optim.Adam's weight_decay, `decay` as AdamW's."""
    weights, m, v, path = np.float64(start), 0.0, 0.0, []
    for t, gradient in enumerate(gradients, start=1):
        gradient = gradient + l2 * weights
        weights = weights - rate * decay * weights
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        weights = weights - rate * (m / (1 - beta_1**t)) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        path.append(weights)
    return np.array(path)


def walked(optimizer, gradients, start, compiled=True):
    """Weights after every step of an optimiser."""
    variable = keras.Variable(np.float32(start))
    optimizer.build([variable])
    step = tf.function(optimizer.apply) if compiled else optimizer.apply
    path = []
    for gradient in gradients:
        step([tf.constant(gradient, tf.float32)])
        path.append(variable.numpy())
    return np.array(path)


def small_and_large_gradients(num_steps=200):
    """From far below epsilon to far above it; most of one sign, so that weights leave 0."""
    rng = np.random.default_rng(0)
    return (1 + 0.5 * rng.normal(size=(num_steps, 5))) * 10.0 ** np.array([-10, -8, -7, -4, 1])


@pytest.mark.long
def test_travel_at_gradients_of_epsilons_size_from_zero():
    gradients = np.full((max(STEPS), 2), 1e-7)
    path = walked(PyTorchAdam(1e-3), gradients, np.zeros(2))
    expected = algorithm_1(gradients, np.zeros(2))
    at = np.array(STEPS) - 1
    np.testing.assert_allclose(path[at], expected[at], rtol=3e-6)
    # Every step is lr g / (g + epsilon): 1 / 1.1 of the learning rate.
    np.testing.assert_allclose(-expected[at, 0], np.array(STEPS) * 1e-3 / 1.1, rtol=1e-12)
    others = walked(FusedAdam(1e-3, epsilon=1e-8), gradients, np.zeros(2))[at, 0]
    np.testing.assert_allclose(others / expected[at, 0], [0.264, 0.446, 0.638, 0.792], atol=5e-4)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("start", [0.0, 0.5], ids=["from 0", "from 0.5"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-6},
        {"l2_penalty": 0.1},
        {"weight_decay": 0.1},
    ],
    ids=["defaults", "other betas", "L2", "AdamW"],
)
def test_trajectory_of_the_paper(settings, start, compiled):
    gradients, start = small_and_large_gradients(40), np.full(5, start)
    own = {"l2_penalty": "l2", "weight_decay": "decay"}
    named = {own.get(key, key): value for key, value in settings.items()}
    expected = algorithm_1(gradients, start, **named)
    path = walked(PyTorchAdam(1e-3, **settings), gradients, start, compiled)
    # From 0 a step of float32 is exact to its own size; an L2 penalty turns weights back to 0.
    margin = 3e-8 if "l2_penalty" in settings else 0.0
    np.testing.assert_allclose(path, expected, rtol=1e-6 if start.any() else 2e-5, atol=margin)


@pytest.mark.long
@pytest.mark.parametrize("fallback", ["amsgrad", "strategy", "accumulation"])
def test_keras_own_step_has_the_same_epsilon(fallback):
    """Where FusedAdam leaves the step to Keras; steadily growing gradients: AMSGrad is Adam."""
    gradients = 1e-7 * np.linspace(1, 2, 20)[:, None] * np.ones(3)
    expected = algorithm_1(gradients, np.zeros(3))
    if fallback == "amsgrad":
        path = walked(PyTorchAdam(1e-3, amsgrad=True), gradients, np.zeros(3))
    elif fallback == "accumulation":
        twice = np.repeat(gradients, 2, axis=0)
        path = walked(PyTorchAdam(1e-3, gradient_accumulation_steps=2), twice, np.zeros(3))[1::2]
    else:
        path = trained_under_a_strategy(gradients)
    np.testing.assert_allclose(path, expected, rtol=1e-5)


def trained_under_a_strategy(gradients):
    """Weights of a layer from zero whose loss has the given gradients."""
    with tf.distribute.MirroredStrategy(["cpu:0"]).scope():
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        model = keras.Sequential([keras.Input((gradients.shape[1],)), layer])
        model.compile(PyTorchAdam(1e-3), lambda _, output: output)
    path = []
    for gradient in gradients:
        model.train_on_batch(np.float32(gradient[None]), np.zeros((1, 1)))
        path.append(layer.kernel.numpy()[:, 0])
    return np.array(path)


def test_loss_scaling_skips_overflows_and_counts_no_step():
    """As in mixed precision: the scaled gradients of 1e-7, one of them infinite."""
    optimizer = keras.optimizers.LossScaleOptimizer(PyTorchAdam(1e-3), initial_scale=1024.0)
    variable = keras.Variable(np.zeros(2, "float32"))
    optimizer.build([variable])
    step = tf.function(optimizer.apply)
    step([tf.constant([1e-7, 1e-7]) * 1024.0])
    step([tf.constant([np.inf, 1e-7])])
    for _ in range(4):
        step([tf.constant([1e-7, 1e-7]) * optimizer.dynamic_scale.numpy()])
    expected = algorithm_1(np.full((5, 2), 1e-7), np.zeros(2))
    np.testing.assert_allclose(variable.numpy(), expected[-1], rtol=1e-5)


def tiny_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones")])
    model.compile(PyTorchAdam(0.01, epsilon=1e-3, l2_penalty=0.1, name="adam"), "mse")
    return model


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("kind", ["file", "checkpoint"])
def test_it_goes_on_exactly(kind, tmp_path):
    x, y = np.random.default_rng(1).normal(size=(8, 3)), np.ones((8, 2))
    model = tiny_model()
    model.fit(x, y, epochs=3, shuffle=False, verbose=0)
    if kind == "file":
        model.save(tmp_path / "model.keras")
        again = keras.models.load_model(tmp_path / "model.keras")
    else:
        path = tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(tmp_path / "c")
        again = tiny_model()
        again.optimizer.build(again.trainable_variables)
        tf.train.Checkpoint(model=again, optimizer=again.optimizer).restore(path).assert_consumed()
    assert type(again.optimizer) is PyTorchAdam
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert again.optimizer.get_config()["epsilon"] == 1e-3
    for each in (model, again):
        each.fit(x, y, epochs=3, shuffle=False, verbose=0)
    for value, reference in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, reference)


def test_the_step_is_one_operation():
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer = PyTorchAdam()
    optimizer.build([variable])
    graph = tf.function(optimizer.apply).get_concrete_function([tf.TensorSpec([3])]).graph
    assert [op.type for op in graph.get_operations()].count("ResourceApplyAdam") == 1


def test_gin_builds_either_form():
    gin.parse_config("""
        vae_optimizer.optimizer_fn = @vae/AdamOptimizer
        vae/AdamOptimizer.learning_rate = 0.002
        vae/AdamOptimizer.beta1 = 0.5
        vae/AdamOptimizer.form = "pytorch"
        vae/AdamOptimizer.weight_decay = 0.01
        vae/AdamOptimizer.l2_penalty = 0.1
    """)
    optimizer = make_vae_optimizer()
    assert type(optimizer) is PyTorchAdam
    config = optimizer.get_config()
    expected = {"beta_1": 0.5, "beta_2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01}
    assert {key: config[key] for key in expected} == expected
    assert (config["l2_penalty"], float(optimizer.learning_rate)) == (0.1, pytest.approx(0.002))
    gin.parse_config("vae/AdamOptimizer.l2_penalty = 0.\nvae/AdamOptimizer.form = 'tensorflow'")
    assert type(make_vae_optimizer()) is FusedAdam


@pytest.mark.parametrize("line", ["form = 'keras'", "l2_penalty = 0.1"])
def test_gin_refuses_what_does_not_go_together(line):
    gin.parse_config(f"vae_optimizer.optimizer_fn = @AdamOptimizer\nAdamOptimizer.{line}")
    with pytest.raises(ValueError, match="AdamOptimizer.form"):
        make_vae_optimizer()


def test_a_negative_penalty_is_refused():
    with pytest.raises(ValueError, match="l2_penalty of 0 or more"):
        PyTorchAdam(l2_penalty=-0.1)
