"""Encoders, decoders and discriminators: functions on Keras tensors, one file for each family."""

from tfdis.networks.build import (
    build_decoder,
    build_discriminator,
    build_encoder,
    check_image_shape,
    make_decoder,
    make_discriminator,
    make_gaussian_encoder,
)
from tfdis.networks.conv import conv_encoder, deconv_decoder
from tfdis.networks.conv_padless import conv_padless_decoder, conv_padless_encoder
from tfdis.networks.conv_simple import conv_simple_encoder
from tfdis.networks.conv_sym import conv_sym_decoder, conv_sym_encoder
from tfdis.networks.fc import fc_decoder, fc_encoder
from tfdis.networks.fc_discriminator import fc_discriminator
from tfdis.networks.mlp import mlp_decoder, mlp_encoder
from tfdis.networks.residual import residual_decoder, residual_encoder
from tfdis.networks.scaled_residual import scaled_residual_decoder, scaled_residual_encoder
from tfdis.networks.spatial_broadcast import spatial_broadcast_decoder
from tfdis.networks.style import style_decoder, style_encoder

__all__ = [
    "build_decoder",
    "build_discriminator",
    "build_encoder",
    "check_image_shape",
    "conv_encoder",
    "conv_padless_decoder",
    "conv_padless_encoder",
    "conv_simple_encoder",
    "conv_sym_decoder",
    "conv_sym_encoder",
    "deconv_decoder",
    "fc_decoder",
    "fc_discriminator",
    "fc_encoder",
    "make_decoder",
    "make_discriminator",
    "make_gaussian_encoder",
    "mlp_decoder",
    "mlp_encoder",
    "residual_decoder",
    "residual_encoder",
    "scaled_residual_decoder",
    "scaled_residual_encoder",
    "spatial_broadcast_decoder",
    "style_decoder",
    "style_encoder",
]
