"""QLAE's networks: parameters as published, the modulation by hand, small images, initial weights."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import networks

SHAPE = (64, 64, 3)


@pytest.mark.long
def test_parameters_are_those_of_the_published_networks():
    """3.68 and 3.97 million, for 64x64x3 and 12 latents; ours has a second head in the encoder."""
    widths = [3, *[w for w in (32, 64, 128, 256) for _ in range(3)]]
    pairs = list(zip(widths[:-1], widths[1:], [3, 3, 4] * 4, strict=True))
    convolutions = sum(k * k * a * b + 2 * b for a, b, k in pairs)
    dense = (4 * 4 * 256 + 1) * 256 + 257 * 256
    encoder = networks.build_encoder("style_encoder", SHAPE, 12)
    assert encoder.count_params() == convolutions + dense + 2 * 257 * 12
    widths = [256, *[w for w in (256, 128, 64, 32) for _ in range(3)]]
    pairs = list(zip(widths[:-1], widths[1:], [3, 3, 4] * 4, strict=True))
    modulated = sum(k * k * a * b + 257 * 2 * b for a, b, k in pairs)
    expected = 4 * 4 * 256 + 13 * 256 + 257 * 256 + modulated + 9 * 32 * 3
    assert networks.build_decoder("style_decoder", SHAPE, 12).count_params() == expected


def _small_decoder():
    gin.bind_parameter("style_decoder.filters", (6, 5))
    gin.bind_parameter("style_decoder.units", 7)
    return networks.build_decoder("style_decoder", (16, 16, 1), 3)


def test_a_block_normalises_and_is_modulated_by_what_is_never_negative():
    decoder = _small_decoder()
    z = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    maps, style = decoder.get_layer("learned_input")(z), z
    for name in ("dense1", "dense2"):
        layer = decoder.get_layer(name)
        style = np.maximum(style @ layer.kernel.numpy() + layer.bias.numpy(), 0)
    for index in (1, 2, 3):
        maps = decoder.get_layer(f"d1_{index}")(maps).numpy()
        maps = np.where(maps > 0, maps, 0.2 * maps)
        mean, var = maps.mean((1, 2), keepdims=True), maps.var((1, 2), keepdims=True)
        layer = decoder.get_layer(f"d1_{index}_style")
        both = np.maximum(style @ layer.kernel.numpy() + layer.bias.numpy(), 0)[:, None, None]
        maps = (maps - mean) / np.sqrt(var + 1e-6) * both[..., :6] + both[..., 6:]
    second = decoder.get_layer("d2_1")
    seen = keras.Model(decoder.inputs[0], second.output)(z)
    np.testing.assert_allclose(second(maps), seen, rtol=1e-3, atol=1e-4)


@pytest.mark.long
def test_the_code_changes_the_image_and_the_learned_input_is_trained():
    decoder = _small_decoder()
    z = tf.random.stateless_normal([3, 3], [0, 0])
    with tf.GradientTape() as tape:
        images = decoder(z)
        loss = tf.reduce_sum(tf.square(images))
    assert np.abs(images[0] - images[1]).max() > 1e-4
    gradient = tape.gradient(loss, decoder.get_layer("learned_input").constant.value)
    assert np.abs(gradient).max() > 0
    np.testing.assert_array_equal(decoder.get_layer("learned_input").constant, np.float32(0.1))


@pytest.mark.long
def test_small_images_leave_instance_normalisation_more_than_a_pixel():
    encoder = networks.build_encoder("style_encoder", (8, 8, 1), 3)
    mean, _ = encoder(tf.random.stateless_uniform([2, 8, 8, 1], [0, 0]))
    assert np.abs(mean[0] - mean[1]).max() > 1e-4


@pytest.mark.long
def test_weights_start_as_in_the_published_framework():
    encoder = networks.build_encoder("style_encoder", SHAPE, 12)
    decoder = networks.build_decoder("style_decoder", SHAPE, 12)
    for layer, fan_in in (
        (encoder.get_layer("e3_2"), 9 * 128),
        (encoder.get_layer("dense2"), 256),
        # The channels of the input, not the filters as in PyTorch.
        (decoder.get_layer("d2_1"), 9 * 256),
    ):
        bound = 1 / np.sqrt(fan_in)
        assert 0.98 * bound < np.abs(layer.kernel.numpy()).max() <= bound
