"""Every registered network: shapes, parameter counts of the published ones, bad sizes."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import networks
from tfdis.networks import registry


@pytest.mark.parametrize("name", sorted(registry.ENCODERS))
@pytest.mark.parametrize("image_shape", [(64, 64, 1), (32, 48, 3)])
def test_encoders_give_float32_mean_and_log_var(name, image_shape):
    encoder = networks.build_encoder(registry.ENCODERS[name], image_shape, 7)
    mean, log_var = encoder(tf.zeros([2, *image_shape]))
    assert mean.shape == log_var.shape == (2, 7)
    assert mean.dtype == log_var.dtype == tf.float32


@pytest.mark.parametrize("name", sorted(registry.DECODERS))
@pytest.mark.parametrize("image_shape", [(64, 64, 1), (32, 48, 3)])
def test_decoders_give_logits_of_the_images_shape(name, image_shape):
    decoder = networks.build_decoder(registry.DECODERS[name], image_shape, 7)
    assert decoder(tf.zeros([2, 7])).shape == (2, *image_shape)


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
    "fc_encoder": _dense(4096, 1200) + _dense(1200, 1200) + 2 * _dense(1200, 10),
    "fc_decoder": _dense(10, 1200) + 2 * _dense(1200, 1200) + _dense(1200, 4096),
}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_parameter_counts_are_those_of_the_tables(name):
    if name in registry.ENCODERS:
        network = networks.build_encoder(registry.ENCODERS[name], (64, 64, 1), 10)
    else:
        network = networks.build_decoder(registry.DECODERS[name], (64, 64, 1), 10)
    assert network.count_params() == PARAMETERS[name]


@pytest.mark.parametrize("latent_dim", [0, -1, 2.5, True])
def test_a_latent_dim_that_is_no_positive_integer_is_refused(latent_dim):
    with pytest.raises(ValueError, match="at least 1"):
        networks.build_encoder(networks.conv_encoder, (64, 64, 1), latent_dim)


@pytest.mark.parametrize("image_shape", [(64, 64), (0, 64, 1), 64])
def test_a_bad_image_shape_is_refused(image_shape):
    with pytest.raises(ValueError, match="three positive integers"):
        networks.build_encoder(networks.conv_encoder, image_shape, 2)


def test_a_decoder_that_cannot_make_the_image_says_so():
    with pytest.raises(ValueError, match="multiples of 16"):
        networks.build_decoder(networks.deconv_decoder, (50, 64, 1), 2)


def test_an_unknown_network_lists_the_known_ones():
    with pytest.raises(ValueError, match="conv_encoder"):
        registry.find(registry.ENCODERS, "resnet")


def test_decoding_depends_on_every_latent():
    decoder = networks.build_decoder(networks.deconv_decoder, (64, 64, 1), 3)
    base = decoder(np.zeros([1, 3], "float32"))
    for latent in range(3):
        moved = decoder(np.eye(3, dtype="float32")[latent : latent + 1])
        assert np.abs(moved - base).max() > 0
