"""The cheaper transposed convolution equals Keras's: values, gradients, weights, files."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case

from tfdis.networks.layers import Conv2DTranspose, subpixel_conv2d_transpose

SETTINGS = {
    "decoder": {"filters": 1, "kernel_size": 4, "strides": 2, "padding": "same"},
    "colour": {
        "filters": 3,
        "kernel_size": 4,
        "strides": 2,
        "padding": "same",
        "activation": "relu",
    },
    "no bias": {
        "filters": 2,
        "kernel_size": 4,
        "strides": 2,
        "padding": "same",
        "use_bias": False,
    },
    "stride 4": {"filters": 1, "kernel_size": 8, "strides": 4, "padding": "same"},
    "many filters": {"filters": 16, "kernel_size": 4, "strides": 2, "padding": "same"},
    "valid": {"filters": 1, "kernel_size": 4, "strides": 2, "padding": "valid"},
    "odd kernel": {"filters": 1, "kernel_size": 3, "strides": 2, "padding": "same"},
    "odd stride": {"filters": 1, "kernel_size": 6, "strides": 3, "padding": "same"},
    "stride 1": {"filters": 1, "kernel_size": 3, "strides": 1, "padding": "valid"},
    "oblong": {
        "filters": 1,
        "kernel_size": (4, 8),
        "strides": (2, 4),
        "padding": "same",
    },
    "output padding": {
        "filters": 1,
        "kernel_size": 3,
        "strides": 2,
        "padding": "same",
        "output_padding": 1,
    },
}
SUBPIXEL = ["decoder", "colour", "no bias", "stride 4"]


def twins(settings, input_shape, dtype="float64"):
    """This layer and Keras's with the same random weights."""
    ours, theirs = (
        kind(**settings, dtype=dtype) for kind in (Conv2DTranspose, keras.layers.Conv2DTranspose)
    )
    random_state = np.random.RandomState(0)
    ours.build(input_shape)
    theirs.build(input_shape)
    weights = [random_state.normal(size=weight.shape) for weight in theirs.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def output_and_gradients(layer, x, weight_of_output):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(y * tf.cast(weight_of_output(y.shape), y.dtype))
    return [y, *tape.gradient(loss, [x, *(weight.value for weight in layer.weights)])]


@pytest.mark.parametrize("size", [case(False, (4, 4)), (1, 1), (5, 7)], ids=str)
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_keras(name, size):
    x = tf.constant(np.random.RandomState(1).normal(size=(3, *size, 6)))
    ours, theirs = twins(SETTINGS[name], x.shape)

    def weight_of_output(shape):
        return np.random.RandomState(2).normal(size=shape)

    actual = output_and_gradients(ours, x, weight_of_output)
    expected = output_and_gradients(theirs, x, weight_of_output)
    for value, reference in zip(actual, expected, strict=True):
        np.testing.assert_allclose(value, reference, rtol=1e-11, atol=1e-11)


def test_follows_the_definition():
    """Against the sum that defines a transposed convolution, in numpy."""
    random_state = np.random.RandomState(0)
    x, kernel = (
        random_state.normal(size=(2, 3, 4, 5)),
        random_state.normal(size=(4, 4, 2, 5)),
    )
    expected = np.zeros((2, 2 * 3 + 2, 2 * 4 + 2, 2))
    for row in range(3):
        for column in range(4):
            patch = np.einsum("bc,hwfc->bhwf", x[:, row, column], kernel)
            expected[:, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4] += patch
    actual = subpixel_conv2d_transpose(tf.constant(x), tf.constant(kernel), stride=2)
    np.testing.assert_allclose(actual, expected[:, 1:-1, 1:-1], atol=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
def test_takes_the_cheap_form_where_it_applies(name):
    layer = Conv2DTranspose(**SETTINGS[name])
    operations = operation_types(layer, tf.TensorSpec([None, 8, 8, 6]))
    assert ("Slice" in operations) == (name in SUBPIXEL)


def test_unknown_image_size_falls_back():
    layer = Conv2DTranspose(**SETTINGS["decoder"])
    layer.build((None, None, None, 6))
    assert "Slice" not in operation_types(layer, tf.TensorSpec([None, None, None, 6]))


def test_a_visible_gpu_falls_back(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["a GPU"])
    layer = Conv2DTranspose(**SETTINGS["decoder"])
    assert "Slice" not in operation_types(layer, tf.TensorSpec([None, 8, 8, 6]))


def operation_types(layer, spec):
    graph = tf.function(layer).get_concrete_function(spec).graph
    return {operation.type for operation in graph.get_operations()}


def test_mixed_precision():
    x = tf.random.stateless_normal([2, 8, 8, 16], seed=(0, 1))
    ours, theirs = twins(SETTINGS["decoder"], x.shape, dtype="mixed_bfloat16")
    actual, expected = ours(x), theirs(x)
    assert actual.dtype == tf.bfloat16
    assert {weight.dtype for weight in ours.weights} == {"float32"}
    scale = float(tf.reduce_max(tf.abs(tf.cast(expected, tf.float32))))
    difference = tf.cast(actual, tf.float32) - tf.cast(expected, tf.float32)
    assert float(tf.reduce_max(tf.abs(difference))) < 2**-7 * scale


def test_second_derivative_equals_keras():
    x = tf.constant(np.random.RandomState(1).normal(size=(2, 4, 4, 3)))
    results = []
    for layer in twins(dict(SETTINGS["decoder"], activation="tanh"), x.shape):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                loss = tf.reduce_sum(layer(x) ** 2)
            norm = tf.reduce_sum(inner.gradient(loss, x) ** 2)
        results.append(outer.gradient(norm, x))
    np.testing.assert_allclose(*results, rtol=1e-9, atol=1e-9)


def test_keras_file_keeps_class_and_values(tmp_path):
    inputs = keras.Input((8, 8, 6))
    model = keras.Model(inputs, Conv2DTranspose(**SETTINGS["colour"])(inputs))
    assert model.output_shape == (None, 16, 16, 3)
    x = np.random.RandomState(0).normal(size=(5, 8, 8, 6)).astype("float32")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[-1]) is Conv2DTranspose
    np.testing.assert_array_equal(loaded(x), model(x))


def test_configuration_is_that_of_keras():
    settings = dict(SETTINGS["colour"], name="layer")
    ours, theirs = Conv2DTranspose(**settings), keras.layers.Conv2DTranspose(**settings)
    assert ours.get_config() == theirs.get_config()


@pytest.mark.long
def test_saved_model_has_gradients_and_a_free_batch_size(tmp_path):
    inputs = keras.Input((8, 8, 6))
    model = keras.Model(inputs, Conv2DTranspose(**SETTINGS["decoder"])(inputs))
    model.export(tmp_path / "saved", verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    for batch_size in (1, 3):
        x = tf.random.stateless_normal([batch_size, 8, 8, 6], seed=(0, 1))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = loaded.serve(x)
        np.testing.assert_allclose(y, model(x), atol=1e-6)
        assert float(tf.reduce_sum(tf.abs(tape.gradient(y, x)))) > 0


@pytest.mark.long
def test_compiles_with_xla():
    x = tf.random.stateless_normal([2, 8, 8, 6], seed=(0, 1))
    ours, theirs = twins(SETTINGS["decoder"], x.shape, dtype="float32")
    np.testing.assert_allclose(tf.function(ours, jit_compile=True)(x), theirs(x), atol=1e-4)
