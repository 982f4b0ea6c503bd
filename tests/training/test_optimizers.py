"""FusedAdam walks the path of Keras's Adam."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.training.optimizers import FusedAdam

SETTINGS = {
    "defaults": {},
    "discriminator": {
        "learning_rate": 1e-4,
        "beta_1": 0.5,
        "beta_2": 0.9,
        "epsilon": 1e-8,
    },
    "schedule": {"learning_rate": lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)},
    "weight decay": {"learning_rate": 0.1, "weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.1},
    "global clipnorm": {"global_clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.05},
    "moving average": {"use_ema": True, "ema_overwrite_frequency": 3},
    "accumulation": {"gradient_accumulation_steps": 2},
    "loss scale": {"loss_scale_factor": 8.0},
    "amsgrad": {"amsgrad": True},
}


def settings_of(name):
    # A fresh schedule for every optimiser.
    return {key: value() if callable(value) else value for key, value in SETTINGS[name].items()}


def trajectory(optimizer, compiled, num_steps=8):
    """Weights and optimiser state after steps along fixed random gradients."""
    variables = [
        keras.Variable(np.ones((3, 4), "float32")),
        keras.Variable(np.zeros(2, "float32")),
    ]
    optimizer.build(variables)
    step = tf.function(optimizer.apply) if compiled else optimizer.apply
    random_state = np.random.RandomState(0)
    for _ in range(num_steps):
        step([tf.constant(random_state.normal(size=v.shape), tf.float32) for v in variables])
    return [v.numpy() for v in variables], [v.numpy() for v in optimizer.variables]


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "compiled"),
    [
        pytest.param(*values, id=f"{values[0]}-{'graph' if values[1] else 'eager'}", marks=marks)
        for values in itertools.product(SETTINGS, (False, True))
        # A graph is traced from the same code: one with a schedule, one that averages.
        for marks in [
            [pytest.mark.exhaustive]
            if values[1] and values[0] not in ("schedule", "moving average")
            else []
        ]
    ],
)
def test_trajectory_of_keras_adam(name, compiled):
    actual = trajectory(FusedAdam(**settings_of(name)), compiled)
    expected = trajectory(keras.optimizers.Adam(**settings_of(name)), compiled)
    for value, reference in zip(actual[0] + actual[1], expected[0] + expected[1], strict=True):
        np.testing.assert_allclose(value, reference, rtol=2e-5, atol=2e-6)


def test_numbers_of_the_paper():
    """Algorithm 1 of the paper with its bias correction and epsilon-hat, in float64."""
    rate, beta_1, beta_2, epsilon = 0.01, 0.9, 0.999, 1e-8
    gradients = np.random.RandomState(0).normal(size=(20, 5))
    expected, m, v = np.ones(5), np.zeros(5), np.zeros(5)
    variable = keras.Variable(expected.astype("float32"))
    optimizer = FusedAdam(rate, beta_1, beta_2, epsilon)
    for t, gradient in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        rate_t = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        expected -= rate_t * m / (np.sqrt(v) + epsilon)
        optimizer.apply([tf.constant(gradient, tf.float32)], [variable])
    np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5)


def test_update_is_one_operation():
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer = FusedAdam()
    optimizer.build([variable])
    graph = tf.function(optimizer.apply).get_concrete_function([tf.TensorSpec([3])]).graph
    types = [operation.type for operation in graph.get_operations()]
    assert types.count("ResourceApplyAdam") == 1
    assert "Sqrt" not in types


@pytest.mark.long
@pytest.mark.parametrize("wrapper", ["loss scale", "strategy", "sparse"])
@pytest.mark.usefixtures("eagerly")
def test_wrappers_and_fallbacks(wrapper):
    results = []
    for kind in (FusedAdam, keras.optimizers.Adam):
        if wrapper == "strategy":
            with tf.distribute.MirroredStrategy(["cpu:0"]).scope():
                model = tiny_model(kind(0.1))
        elif wrapper == "loss scale":
            model = tiny_model(keras.optimizers.LossScaleOptimizer(kind(0.1)))
        else:
            model = tiny_model(kind(0.1), sparse=True)
        x = np.array([[0], [2], [2], [3]]) if wrapper == "sparse" else np.eye(4, dtype="float32")
        model.fit(x, np.arange(4.0).reshape(4, 1), batch_size=4, epochs=3, verbose=0)
        results.append(model.get_weights())
    for value, reference in zip(*results, strict=True):
        np.testing.assert_allclose(value, reference, rtol=1e-5, atol=1e-6)


def tiny_model(optimizer, sparse=False):
    first = (
        [
            keras.layers.Embedding(4, 3, embeddings_initializer="ones"),
            keras.layers.Flatten(),
        ]
        if sparse
        else [keras.layers.Dense(3, kernel_initializer="ones")]
    )
    model = keras.Sequential([*first, keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_file_keeps_class_and_state(tmp_path):
    x, y = np.eye(4, dtype="float32"), np.arange(4.0).reshape(4, 1)
    model = tiny_model(FusedAdam(0.1, beta_1=0.5))
    model.fit(x, y, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is FusedAdam
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for each in (model, loaded):
        each.fit(x, y, epochs=1, verbose=0)
    for value, reference in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, reference)
