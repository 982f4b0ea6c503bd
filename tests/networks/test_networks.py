"""Every registered network: shapes, parameter counts of the published ones, bad sizes."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case

from tfdis import networks, registry

pytestmark = pytest.mark.usefixtures("few_filters")

# The smallest; and of colour, odd, not square, beyond 64 and below 63, where cropping and padding begin.
SHAPES = [(8, 8, 1), (97, 8, 3)]
LARGER = [(32, 48, 3), (28, 50, 1), (63, 65, 1), (64, 64, 1), (128, 256, 1)]
SHAPES += [case(False, shape) for shape in LARGER]


def _latent_dim(image_shape):
    """One latent for the smallest images."""
    return 1 if image_shape == (8, 8, 1) else 7


@pytest.mark.long
@pytest.mark.parametrize("image_shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", sorted(registry.ENCODERS))
def test_encoders_give_float32_mean_and_log_var(name, image_shape):
    latent_dim = _latent_dim(image_shape)
    encoder = networks.build_encoder(registry.ENCODERS[name], image_shape, latent_dim)
    mean, log_var = encoder(tf.zeros([2, *image_shape]))
    assert mean.shape == log_var.shape == (2, latent_dim)
    assert mean.dtype == log_var.dtype == tf.float32


@pytest.mark.long
@pytest.mark.parametrize("image_shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", sorted(registry.DECODERS))
def test_decoders_give_logits_of_the_images_shape(name, image_shape):
    latent_dim = _latent_dim(image_shape)
    decoder = networks.build_decoder(registry.DECODERS[name], image_shape, latent_dim)
    logits = decoder(tf.random.stateless_normal([2, latent_dim], [0, 0]))
    assert logits.shape == (2, *image_shape)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", [name for name in sorted(registry.DECODERS) if "conv" in name])
def test_a_smaller_image_is_the_middle_of_the_published_one(name):
    published, smaller = _decoder(name, (64, 64, 2)), _decoder(name, (49, 54, 2))
    smaller.set_weights(published.get_weights())
    z = tf.random.stateless_normal([2, 3], [0, 0])
    np.testing.assert_array_equal(smaller(z), published(z)[:, 7:56, 5:59])


def _decoder(name, image_shape):
    return networks.build_decoder(registry.DECODERS[name], image_shape, 3)


def test_the_padless_encoder_pads_small_images_with_zeros():
    large = networks.build_encoder(networks.conv_padless_encoder, (63, 63, 1), 3)
    small = networks.build_encoder(networks.conv_padless_encoder, (28, 60, 1), 3)
    small.set_weights(large.get_weights())
    images = tf.random.stateless_uniform([2, 28, 60, 1], [0, 0])
    padded = tf.pad(images, [[0, 0], [17, 18], [1, 2], [0, 0]])
    np.testing.assert_array_equal(small(images)[0], large(padded)[0])


@pytest.mark.parametrize("padding", [1, 2, 3])
def test_every_padding_of_the_symmetric_encoder_takes_small_images(padding):
    gin.bind_parameter("conv_sym_encoder.zero_padding", padding)
    encoder = networks.build_encoder(networks.conv_sym_encoder, (8, 9, 1), 3)
    assert encoder(tf.zeros([2, 8, 9, 1]))[0].shape == (2, 3)


@pytest.mark.long
@pytest.mark.exhaustive
@pytest.mark.parametrize("latent_dim", [1, 25])
def test_every_encoder_combines_with_every_decoder(latent_dim):
    """That means are [batch, latents] and decoders take them, the tests above show of each alone."""
    shape, images = (64, 64, 1), tf.random.stateless_uniform([2, 64, 64, 1], [0, 0])
    decoders = {
        name: networks.build_decoder(decoder_fn, shape, latent_dim)
        for name, decoder_fn in registry.DECODERS.items()
    }
    for encoder_name, encoder_fn in registry.ENCODERS.items():
        mean, _ = networks.build_encoder(encoder_fn, shape, latent_dim)(images)
        for decoder_name, decoder in decoders.items():
            logits = decoder(mean)
            assert logits.shape == images.shape, (encoder_name, decoder_name)
            assert np.isfinite(logits).all(), (encoder_name, decoder_name)


# Those of one model of each kind are saved with it in tests/models/test_conformance.py.
SAVED_ALONE = ("padless", "residual", "broadcast")


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        case(any(word in name for word in SAVED_ALONE), name)
        for name in [*registry.ENCODERS, *registry.DECODERS]
    ],
)
def test_a_saved_network_gives_the_same_outputs(name, tmp_path):
    """Of the published size, to which no network pads images or crops them."""
    if name in registry.ENCODERS:
        network = networks.build_encoder(registry.ENCODERS[name], (64, 64, 1), 3)
        inputs = np.random.default_rng(0).uniform(size=(2, 64, 64, 1))
    else:
        network = networks.build_decoder(registry.DECODERS[name], (64, 64, 1), 3)
        inputs = np.random.default_rng(0).normal(size=(2, 3))
    assert not {"pad", "crop"} & {layer.name for layer in network.layers}
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    for actual, expected in zip(
        tf.nest.flatten(loaded(inputs)), tf.nest.flatten(network(inputs)), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)


def _dense(inputs, outputs):
    return inputs * outputs + outputs


def _conv(kernel, inputs, outputs):
    return kernel * kernel * inputs * outputs + outputs


# Counted from the published tables (64x64x1, 10 latents).
PARAMETERS = {
    "conv_encoder": _conv(4, 1, 32)
    + _conv(4, 32, 32)
    + _conv(2, 32, 64)
    + _conv(2, 64, 64)
    + _dense(1024, 256)
    + 2 * _dense(256, 10),
    "deconv_decoder": _dense(10, 256)
    + _dense(256, 1024)
    + _conv(4, 64, 64)
    + _conv(4, 64, 32)
    + _conv(4, 32, 32)
    + _conv(4, 32, 1),
    "conv_padless_encoder": _conv(3, 1, 32)
    + _conv(3, 32, 32)
    + _conv(3, 32, 64)
    + _conv(3, 64, 128)
    + _conv(3, 128, 256)
    + _dense(256, 20),
    "conv_padless_decoder": _conv(1, 10, 256)
    + _conv(4, 256, 256)
    + _conv(4, 256, 128)
    + _conv(4, 128, 128)
    + _conv(4, 128, 64)
    + _conv(4, 64, 64)
    + _conv(3, 64, 1),
    "conv_simple_encoder": _conv(4, 1, 32)
    + _conv(4, 32, 32)
    + _conv(4, 32, 64)
    + _conv(4, 64, 128)
    + _conv(4, 128, 256)
    + _conv(4, 256, 256)
    + _dense(256, 20),
    "conv_sym_encoder": _conv(4, 1, 32)
    + _conv(4, 32, 32)
    + _conv(4, 32, 64)
    + _conv(4, 64, 64)
    + _dense(4 * 4 * 64, 256)
    + 2 * _dense(256, 10),
    "conv_sym_decoder": _dense(10, 256)
    + _dense(256, 1024)
    + _conv(4, 64, 64)
    + _conv(4, 64, 32)
    + _conv(4, 32, 32)
    + _conv(4, 32, 1),
    # Batch normalisation: scale, offset and two moving statistics a unit; no bias before it.
    "mlp_encoder": 4096 * 256 + 256 * 128 + 128 * 64 + 4 * (256 + 128 + 64) + 2 * _dense(64, 10),
    "mlp_decoder": 10 * 64 + 64 * 128 + 128 * 256 + 4 * (64 + 128 + 256) + _dense(256, 4096),
    "fc_encoder": _dense(4096, 1200) + _dense(1200, 1200) + 2 * _dense(1200, 10),
    "fc_decoder": _dense(10, 1200) + 2 * _dense(1200, 1200) + _dense(1200, 4096),
}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_published_networks_have_the_tables_parameters_and_neither_pad_nor_crop(name):
    if name in registry.ENCODERS:
        network = networks.build_encoder(registry.ENCODERS[name], (64, 64, 1), 10)
    else:
        network = networks.build_decoder(registry.DECODERS[name], (64, 64, 1), 10)
    assert network.count_params() == PARAMETERS[name]
    assert not {"pad", "crop"} & {layer.name for layer in network.layers}


@pytest.mark.parametrize("latent_dim", [0, -1, 2.5, True])
def test_a_latent_dim_that_is_no_positive_integer_is_refused(latent_dim):
    with pytest.raises(ValueError, match="at least 1"):
        networks.build_encoder(networks.conv_encoder, (64, 64, 1), latent_dim)


@pytest.mark.parametrize("image_shape", [(64, 64), (0, 64, 1), 64])
def test_a_bad_image_shape_is_refused(image_shape):
    with pytest.raises(ValueError, match="three positive integers"):
        networks.build_encoder(networks.conv_encoder, image_shape, 2)


def test_a_decoder_that_makes_other_images_says_so():
    def half(latent_tensor, output_shape, is_training=True):
        return networks.deconv_decoder(latent_tensor, [32, 64, 1])

    with pytest.raises(ValueError, match="make images of shape.*from half"):
        networks.build_decoder(half, (64, 64, 1), 2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        *(
            (lambda name=name: _decoder(name, (7, 64, 1)), f"{name}.*8x8 pixels. Received: 7x64")
            for name in ("conv_padless_decoder", "conv_sym_decoder", "deconv_decoder")
        ),
        (
            lambda: networks.build_encoder(networks.conv_padless_encoder, (1, 1, 512), 2),
            "fc networks for feature vectors",
        ),
        (
            lambda: networks.conv_sym_encoder(keras.Input((64, 64, 1)), 2, zero_padding=0),
            "Received: 0",
        ),
        (
            lambda: networks.mlp_encoder(keras.Input((1, 1, 8)), 2, initializer="he"),
            "Received: 'he'",
        ),
    ],
)
def test_sizes_and_options_that_the_architecture_has_not_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(ValueError, match="conv_encoder"):
        registry.ENCODERS.find("resnet")


def test_decoding_depends_on_every_latent():
    decoder = networks.build_decoder(networks.deconv_decoder, (64, 64, 1), 3)
    base = decoder(np.zeros([1, 3], "float32"))
    for latent in range(3):
        moved = decoder(np.eye(3, dtype="float32")[latent : latent + 1])
        assert np.abs(moved - base).max() > 0


@pytest.mark.parametrize(
    "kind, variance", [("keras", 2 / 2000), ("disentanglement_pytorch", 2 / 1000)]
)
def test_the_discriminators_initial_weights(kind, variance):
    z = keras.Input([10])
    network = keras.Model(z, networks.fc_discriminator(z, initial_weights=kind))
    kernel, bias = network.get_layer("d2").get_weights()
    assert kernel.std() == pytest.approx(np.sqrt(variance), rel=0.01)
    assert (np.abs(bias).max() > 0) == (kind != "keras")
    with pytest.raises(ValueError, match="initial_weights out of"):
        networks.fc_discriminator(z, initial_weights="torch")
