"""The published families: map sizes, initial weights, normalisation, gin options."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import networks, registry

SHAPE = (64, 64, 3)


def _encoder(encoder_fn, shape=SHAPE, latent_dim=20):
    return networks.build_encoder(encoder_fn, shape, latent_dim)


def _decoder(decoder_fn, shape=SHAPE, latent_dim=20):
    return networks.build_decoder(decoder_fn, shape, latent_dim)


def _sizes(model):
    convolutions = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    return [layer.output.shape[1] for layer in model.layers if isinstance(layer, convolutions)]


@pytest.mark.long
def test_maps_have_the_published_sizes():
    assert _sizes(_encoder(networks.conv_padless_encoder)) == [31, 15, 7, 3, 1]
    assert _sizes(_decoder(networks.conv_padless_decoder)) == [1, 2, 6, 14, 30, 62, 64]
    assert _sizes(_encoder(networks.conv_simple_encoder)) == [32, 16, 8, 4, 2, 1]
    assert _sizes(_encoder(networks.conv_sym_encoder)) == [32, 16, 8, 4]
    assert _sizes(_decoder(networks.conv_sym_decoder)) == [8, 16, 32, 64]


def test_the_authors_padding_of_the_symmetric_encoder_is_a_gin_option():
    gin.parse_config(
        """
        encoder.encoder_fn = @conv_sym_encoder
        encoder.num_latent = 9
        conv_sym_encoder.zero_padding = 2
        """
    )
    encoder = networks.make_gaussian_encoder(SHAPE)
    assert _sizes(encoder) == [33, 17, 9, 5]
    assert encoder.get_layer("e5").kernel.shape == (1600, 256)


def _same_padding_by_hand(images, kernel, bias):
    """Convolution of kernel 4 and stride 2 with one zero on every side, written as a loop over pixels."""
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    size = images.shape[1] // 2
    result = np.zeros([len(images), size, size, kernel.shape[-1]])
    for row in range(size):
        for column in range(size):
            patch = padded[:, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4]
            result[:, row, column] = np.einsum("nijc,ijcf->nf", patch, kernel) + bias
    return np.maximum(result, 0.0)


def test_the_simple_encoder_pads_one_zero_on_every_side():
    encoder = _encoder(networks.conv_simple_encoder, (64, 64, 1))
    images = np.random.default_rng(0).normal(size=(1, 64, 64, 1)).astype("float32")
    first = encoder.get_layer("e1")
    expected = _same_padding_by_hand(images, first.kernel.numpy(), first.bias.numpy())
    np.testing.assert_allclose(first(images), expected, atol=1e-5)


def test_first_half_of_the_padless_head_are_the_means():
    encoder = _encoder(networks.conv_padless_encoder, latent_dim=3)
    encoder.get_layer("means_log_var").bias.assign([1.0, 2.0, 3.0, -4.0, -5.0, -6.0])
    encoder.get_layer("means_log_var").kernel.assign(tf.zeros([256, 6]))
    mean, log_var = encoder(tf.zeros([1, *SHAPE]))
    assert mean.numpy().tolist() == [[1.0, 2.0, 3.0]]
    assert log_var.numpy().tolist() == [[-4.0, -5.0, -6.0]]


def _fans(layer):
    kernel = layer.kernel.shape
    field = int(np.prod(kernel[:-2]))
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return field * kernel[-1], field * kernel[-2]
    return field * kernel[-2], field * kernel[-1]


def _layers_with_kernels(model, least=4000):
    return [
        x
        for x in model.layers
        if getattr(x, "kernel", None) is not None and np.prod(x.kernel.shape) >= least
    ]


def _check_plain_normal(kernel, variance):
    values = kernel.numpy().ravel()
    error = variance * np.sqrt(2.0 / values.size)
    assert values.var() == pytest.approx(variance, abs=5 * error)
    # Normals pass 2.5 standard deviations in 1.24 % of the draws; Keras's truncated ones end at 2.3.
    beyond = (np.abs(values) > 2.5 * np.sqrt(variance)).mean()
    assert beyond == pytest.approx(0.0124, abs=5 * np.sqrt(0.0124 / values.size))


@pytest.mark.long
def test_weights_of_the_study_are_plain_normals_and_its_biases_pytorchs():
    keras.utils.set_random_seed(0)
    for network in (
        _encoder(networks.conv_padless_encoder),
        _decoder(networks.conv_padless_decoder),
        _encoder(networks.conv_simple_encoder),
    ):
        for layer in _layers_with_kernels(network, least=2000):
            fan_in, fan_out = _fans(layer)
            is_dense = isinstance(layer, keras.layers.Dense)
            _check_plain_normal(layer.kernel, 2 / fan_in if is_dense else 2 / (fan_in + fan_out))
            # PyTorch takes the fan of a transposed convolution from its filters: kernel^2 * filters.
            is_transposed = isinstance(layer, keras.layers.Conv2DTranspose)
            bound = 1 / np.sqrt(np.prod(layer.kernel.shape[:-1]) if is_transposed else fan_in)
            biases = np.abs(layer.bias.numpy())
            assert biases.max() <= bound
            if biases.size >= 32:
                assert biases.max() > 0.8 * bound


def test_weights_of_the_symmetric_network_are_glorot_normal_and_biases_zero():
    keras.utils.set_random_seed(0)
    for network in (_encoder(networks.conv_sym_encoder), _decoder(networks.conv_sym_decoder)):
        for layer in _layers_with_kernels(network):
            _check_plain_normal(layer.kernel, 2 / sum(_fans(layer)))
            np.testing.assert_array_equal(layer.bias, 0.0)


@pytest.mark.long
def test_weights_of_the_mlp_are_pytorchs_or_orthogonal():
    keras.utils.set_random_seed(0)
    shape = (1, 1, 512)
    for layer in _layers_with_kernels(_encoder(networks.mlp_encoder, shape)):
        bound = 1 / np.sqrt(layer.kernel.shape[0])
        assert np.abs(layer.kernel).max() <= bound
        assert np.var(layer.kernel) == pytest.approx(bound**2 / 3, rel=0.05)
    gin.bind_parameter("mlp_encoder.initializer", "orthogonal")
    gin.bind_parameter("mlp_encoder.hidden_units", (64,))
    kernel = _encoder(networks.mlp_encoder, shape).get_layer("e1").kernel
    np.testing.assert_allclose(tf.transpose(kernel) @ kernel, np.eye(64), atol=1e-5)


def test_layers_of_one_shape_start_with_different_weights():
    decoder = _decoder(networks.conv_padless_decoder)
    encoder = _encoder(networks.conv_sym_encoder)
    for first, second in (
        (encoder.get_layer("means"), encoder.get_layer("log_var")),
        (_decoder(networks.conv_padless_decoder).get_layer("d3"), decoder.get_layer("d3")),
    ):
        assert np.abs(first.kernel - second.kernel).max() > 0.01


def test_a_seed_gives_the_same_weights_again():
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        weights.append(_encoder(networks.conv_padless_encoder).get_weights())
    for first, second in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, second)


def test_the_mlp_normalises_batches_and_remembers_their_statistics_as_pytorch_does():
    gin.bind_parameter("mlp_encoder.hidden_units", (16,))
    encoder = _encoder(networks.mlp_encoder, (1, 1, 8), latent_dim=2)
    x = np.random.default_rng(0).normal(size=(50, 8)) * 3 + 1
    hidden = x @ encoder.get_layer("e1").kernel.numpy()
    normal = (hidden - hidden.mean(0)) / np.sqrt(hidden.var(0) + 1e-5)
    head = encoder.get_layer("means")
    expected = np.maximum(normal, 0) @ head.kernel.numpy() + head.bias.numpy()
    mean, _ = encoder(x.reshape(50, 1, 1, 8), training=True)
    np.testing.assert_allclose(mean, expected, atol=1e-4)
    norm = encoder.get_layer("e1_norm")
    np.testing.assert_allclose(norm.moving_mean, 0.1 * hidden.mean(0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * hidden.var(0), rtol=1e-3)


def test_the_mlp_without_normalisation_has_biases():
    gin.bind_parameter("mlp_decoder.batch_norm", False)
    decoder = _decoder(networks.mlp_decoder, (1, 1, 512), latent_dim=18)
    assert decoder.count_params() == 18 * 64 + 64 + 64 * 128 + 128 + 128 * 256 + 256 + 257 * 512


@pytest.mark.long
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(registry.ENCODERS))
def test_every_variable_of_an_encoder_has_a_finite_gradient(name):
    """Of the published sizes; tests/models/test_conformance.py has all networks with few filters."""
    encoder = _encoder(registry.ENCODERS[name], latent_dim=3)
    with tf.GradientTape() as tape:
        mean, log_var = encoder(tf.random.stateless_uniform([4, *SHAPE], [0, 1]), training=True)
        loss = tf.reduce_sum(mean + tf.square(log_var))
    gradients = tape.gradient(loss, encoder.trainable_variables)
    for variable, gradient in zip(encoder.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path
