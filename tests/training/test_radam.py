"""RAdam's trajectory against the paper's algorithm in float64, and its place in gin and Keras."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.training.optimizer_config import make_vae_optimizer
from tfdis.training.radam import RAdam


def _gradients(num_steps):
    rng = np.random.default_rng(0)
    return [[rng.normal(size=(3, 2)), rng.normal(size=4) * 1e-3] for _ in range(num_steps)]


def _expected(gradients, rate, beta_1, beta_2, epsilon, decay, start=1.0):
    """Algorithm 2 written out, one variable after the other; also where it began to be adaptive."""
    rho_inf, first_adaptive, ends = 2 / (1 - beta_2) - 1, None, []
    for index in range(len(gradients[0])):
        theta = np.full(np.shape(gradients[0][index]), start)
        m, v = np.zeros_like(theta), np.zeros_like(theta)
        for t, step in enumerate(gradients, start=1):
            g = step[index]
            theta = theta * (1 - rate * decay)
            m = beta_1 * m + (1 - beta_1) * g
            v = beta_2 * v + (1 - beta_2) * g**2
            m_hat = m / (1 - beta_1**t)
            rho = rho_inf - 2 * t * beta_2**t / (1 - beta_2**t)
            if rho > 5:
                first_adaptive = first_adaptive or t
                ratio = (rho - 4) / (rho_inf - 4) * (rho - 2) / (rho_inf - 2) * rho_inf / rho
                length = np.sqrt(1 - beta_2**t) / (np.sqrt(v) + epsilon)
                theta = theta - rate * m_hat * np.sqrt(ratio) * length
            else:
                theta = theta - rate * m_hat
        ends.append(theta)
    return ends, first_adaptive


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize(
    ("beta_1", "beta_2", "epsilon", "decay", "first_adaptive"),
    [
        (0.9, 0.999, 1e-8, 0.0, 6),
        (0.9, 0.999, 1e-8, 0.5, 6),
        (0.5, 0.95, 1e-3, 0.01, 6),
        (0.9, 0.6, 1e-8, 0.0, None),
    ],
)
def test_trajectory_of_the_paper(beta_1, beta_2, epsilon, decay, first_adaptive, compiled):
    gradients = _gradients(20)
    expected, began = _expected(gradients, 0.01, beta_1, beta_2, epsilon, decay)
    assert began == first_adaptive
    optimizer = RAdam(0.01, beta_1, beta_2, epsilon, weight_decay=decay)
    variables = [keras.Variable(np.ones(g.shape, "float32")) for g in gradients[0]]
    optimizer.build(variables)
    apply = tf.function(optimizer.apply) if compiled else optimizer.apply
    for step in gradients:
        apply([tf.constant(g, tf.float32) for g in step])
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, rtol=2e-6)


@pytest.mark.parametrize("scale", [1e-7, 1.0])
def test_every_step_from_zero_weights(scale):
    """Weights of 0 hide no error of a step: the plain ones at first, the rectified ones later."""
    gradients = [[scale * (2 + np.sin(g))] for g, _ in _gradients(12)]
    variable = keras.Variable(np.zeros((3, 2), "float32"))
    optimizer = RAdam(1e-3, weight_decay=0.01)
    for num_steps, (gradient,) in enumerate(gradients, start=1):
        optimizer.apply([tf.constant(gradient, tf.float32)], [variable])
        settings = (1e-3, 0.9, 0.999, 1e-8, 0.01)
        (expected,), _ = _expected(gradients[:num_steps], *settings, start=0.0)
        np.testing.assert_allclose(variable.numpy(), expected, rtol=2e-6)


def test_the_first_five_steps_do_not_depend_on_the_gradients_size_of_the_past():
    """Before the sixth step, a step is lr m^: ten times the gradient is ten times the way."""
    ends = []
    for factor in (1.0, 10.0):
        variable = keras.Variable(np.zeros(3, "float32"))
        optimizer = RAdam(0.1)
        for step in range(5):
            optimizer.apply([tf.constant([1.0, -2.0, 3.0]) * factor * (step + 1)], [variable])
        ends.append(variable.numpy())
    np.testing.assert_allclose(ends[1], 10 * ends[0], rtol=1e-6)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_it_is_saved_with_a_model_and_goes_on_exactly(tmp_path):
    x, y = np.random.default_rng(1).normal(size=(2, 16, 3)).astype("float32")

    def fit(model, epochs):
        model.fit(x, y, batch_size=16, epochs=epochs, shuffle=False, verbose=0)

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    model.compile(RAdam(0.1, weight_decay=0.01), "mse")
    fit(model, 4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.optimizer.get_config() == model.optimizer.get_config()
    fit(model, 4)
    fit(again, 4)
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])


def test_gin_builds_it():
    gin.parse_config("""
        vae_optimizer.optimizer_fn = @vae/RAdamOptimizer
        vae/RAdamOptimizer.beta1 = 0.5
        vae/RAdamOptimizer.weight_decay = 0.01
    """)
    optimizer = make_vae_optimizer(learning_rate=0.002)
    assert type(optimizer) is RAdam
    assert (optimizer.beta_1, optimizer.beta_2, optimizer.weight_decay) == (0.5, 0.999, 0.01)
    assert float(optimizer.learning_rate) == pytest.approx(0.002)


def test_a_decay_rate_of_one_is_refused():
    with pytest.raises(ValueError, match=r"beta_2 in \[0, 1\)"):
        RAdam(beta_2=1.0)
