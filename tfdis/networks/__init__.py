"""Encoders, decoders and discriminators: functions on Keras tensors, one family a file."""

from tfdis.networks.build import (
    build_decoder,
    build_discriminator,
    build_encoder,
    check_image_shape,
    make_decoder,
    make_discriminator,
    make_gaussian_encoder,
    network_fn,
)
from tfdis.networks.conv import conv_encoder, deconv_decoder
from tfdis.networks.fc import fc_decoder, fc_encoder
from tfdis.networks.fc_discriminator import fc_discriminator

__all__ = [
    "build_decoder",
    "build_discriminator",
    "build_encoder",
    "check_image_shape",
    "conv_encoder",
    "deconv_decoder",
    "fc_decoder",
    "fc_discriminator",
    "fc_encoder",
    "make_decoder",
    "make_discriminator",
    "make_gaussian_encoder",
    "network_fn",
]
