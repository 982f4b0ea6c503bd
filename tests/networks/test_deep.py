"""The residual networks of Tripod and FactorQVAE, the spatial-broadcast decoder, conv for 128x128."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import networks
from tfdis.networks.residual import _space_to_depth

SHAPE = (64, 64, 3)


def _millions_of_multiply_adds(network):
    total = 0
    for layer in network.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None:
            is_transposed = isinstance(layer, keras.layers.Conv2DTranspose)
            places = layer.input if is_transposed else layer.output
            positions = np.prod(places.shape[1:3]) if len(places.shape) == 4 else 1
            total += np.prod(kernel.shape) * positions
    return total / 1e6


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("residual_encoder", 604),
        ("residual_decoder", 840),
        ("scaled_residual_encoder", 1407),
        ("scaled_residual_decoder", 1757),
        ("spatial_broadcast_decoder", 1357),
        ("style_encoder", 279),
        ("style_decoder", 175),
        ("conv_encoder", 6.8),
        ("deconv_decoder", 9.2),
    ],
)
def test_published_sizes_have_their_multiply_adds(name, expected):
    """Counted by hand from the published code, for 64x64x3 and 12 latents (broadcast: 10)."""
    num = 10 if "broadcast" in name else 12
    build = networks.build_encoder if name.endswith("encoder") else networks.build_decoder
    assert _millions_of_multiply_adds(build(name, SHAPE, num)) == pytest.approx(expected, abs=0.6)


def test_squares_become_channels_with_the_channel_first():
    images = np.arange(2 * 4 * 6 * 3).reshape(2, 4, 6, 3).astype("float32")
    inputs = keras.Input((4, 6, 3))
    found = keras.Model(inputs, _space_to_depth(inputs))(images).numpy()
    for channel in range(3):
        for row in range(2):
            for column in range(2):
                expected = images[:, row::2, column::2, channel]
                np.testing.assert_array_equal(found[..., 4 * channel + 2 * row + column], expected)


def _norm(x, gamma=1.0, beta=0.0):
    mean, var = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5) * gamma + beta


def _gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _output_of(network, layer, inputs):
    return keras.Model(network.inputs[0], network.get_layer(layer).output)(inputs).numpy()


def test_a_residual_block_of_tripods_encoder_by_hand():
    gin.bind_parameter("residual_encoder.filters", (6, 5))
    encoder = networks.build_encoder("residual_encoder", (16, 16, 2), 3)
    images = np.random.default_rng(0).uniform(size=(2, 16, 16, 2)).astype("float32")
    x = 2 * images - 1
    skip = encoder.get_layer("e1_1_skip")(x).numpy()
    for index in (1, 2):
        norm = encoder.get_layer(f"e1_1_{index}_norm")
        norm.gamma.assign([1.0, 2.0, 0.5, 1.0, 1.5, 1.0])
        norm.beta.assign([0.0, 0.3, -0.2, 0.0, 0.1, 0.0])
        x = encoder.get_layer(f"e1_1_{index}")(x).numpy()
        x = _gelu(_norm(x, norm.gamma.numpy(), norm.beta.numpy()))
    found = _output_of(encoder, "e1_2_1", images)
    expected = encoder.get_layer("e1_2_1")(skip + x)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_modulated_block_of_tripods_decoder_by_hand():
    gin.bind_parameter("residual_decoder.filters", (6, 4))
    gin.bind_parameter("residual_decoder.units", 5)
    decoder = networks.build_decoder("residual_decoder", (16, 16, 1), 3)
    z = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    condition = _output_of(decoder, "exposed_condition", z)
    skip = x = np.random.default_rng(1).normal(size=(2, 4, 4, 6)).astype("float32")
    decoder.get_layer("learned_input").constant.assign(skip[0])
    skip = x = np.repeat(skip[:1], 2, axis=0)
    for index in (1, 2):
        x = _norm(decoder.get_layer(f"d1_1_{index}")(x).numpy())
        both = decoder.get_layer(f"d1_1_{index}_style")(condition).numpy()[:, None, None]
        x = _gelu(x * (1 + both[..., :6]) + both[..., 6:])
    expected = decoder.get_layer("d1_2_1")(skip + x)
    np.testing.assert_allclose(_output_of(decoder, "d1_2_1", z), expected, atol=1e-4)


def test_a_scaled_block_adds_a_small_part_by_hand():
    gin.bind_parameter("scaled_residual_encoder.filters", (8, 12))
    encoder = networks.build_encoder("scaled_residual_encoder", (8, 8, 1), 3)
    images = np.random.default_rng(0).uniform(size=(2, 8, 8, 1)).astype("float32")
    for weight in encoder.weights:  # Large enough that the small part shows.
        weight.assign(weight * 20)
    x = skip = encoder.get_layer("stem")(images - 0.5).numpy()
    for index in (1, 2, 3, 4):
        x = encoder.get_layer(f"e1_1_{index}")(np.maximum(x, 0)).numpy()
    expected = encoder.get_layer("e1_2_1")(np.maximum(skip + x / 16, 0))
    np.testing.assert_allclose(
        _output_of(encoder, "e1_2_1", images), expected, rtol=1e-4, atol=1e-4
    )
    kernel = encoder.get_layer("dense1").kernel.numpy() / 20
    assert kernel.std() == pytest.approx(0.02, rel=0.05)


def test_the_spatial_broadcast_decoder_sees_code_and_place_at_every_pixel():
    decoder = networks.build_decoder("spatial_broadcast_decoder", (9, 13, 1), 2)
    seen = _output_of(decoder, "broadcast", tf.constant([[0.25, -3.0], [1.0, 2.0]]))
    assert seen.shape == (2, 9, 13, 4)
    np.testing.assert_array_equal(seen[1, 3, 5, :2], [1.0, 2.0])
    np.testing.assert_allclose(seen[0, 4, :, 2], np.linspace(-1, 1, 13), atol=1e-6)
    np.testing.assert_allclose(seen[0, :, 4, 3], np.linspace(-1, 1, 9), atol=1e-6)


def test_a_fifth_halving_gives_conv_for_128_pixels_the_map_of_64():
    gin.bind_parameter("conv_encoder.halvings", 5)
    gin.bind_parameter("deconv_decoder.halvings", 5)
    encoder = networks.build_encoder("conv_encoder", (128, 128, 3), 7)
    assert encoder.get_layer("e5").output.shape == (None, 4, 4, 64)
    assert encoder.get_layer("e6").kernel.shape == (1024, 256)
    decoder = networks.build_decoder("deconv_decoder", (128, 128, 3), 7)
    assert decoder.get_layer("d2").units == 1024
    assert decoder(tf.zeros([1, 7])).shape == (1, 128, 128, 3)


@pytest.mark.parametrize("name", ["conv_encoder", "deconv_decoder"])
def test_too_few_halvings_are_refused(name):
    gin.bind_parameter(f"{name}.halvings", 3)
    build = networks.build_encoder if name == "conv_encoder" else networks.build_decoder
    with pytest.raises(ValueError, match="halvings to be an integer of at least 4.*Received: 3"):
        build(name, SHAPE, 3)
