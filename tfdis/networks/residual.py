"""Tripod's residual networks."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks import pytorch_layers as torch
from tfdis.networks.exposed import EXPOSED
from tfdis.networks.image_size import check_size, crop_to, map_to_double, pad_to_multiple
from tfdis.networks.learned_input import LearnedInput
from tfdis.networks.style import modulation

_EPSILON = 1e-5
FILTERS = (32, 64, 128, 256, 512)


@registry.encoder
def residual_encoder(
    input_tensor: KerasTensor,
    num_latent: int,
    is_training: bool = True,
    filters: Sequence[int] = FILTERS,
    units: int = 512,
) -> tuple[KerasTensor, KerasTensor]:
    """Residual encoder with instance normalisation; gin: `encoder.encoder_fn = @residual_encoder`.

    Images are scaled to [-1, 1]. For every number of filters but the last: two residual blocks, then
    each square of 2x2 pixels becomes one of 4 times the channels, and a convolution of kernel 1
    gives the next number. Then the mean over positions, a dense layer with layer normalisation and
    gelu, and a linear one. A block adds to x two times convolution of kernel 3, instance
    normalisation (epsilon 1e-5, with scale and offset), gelu (by tanh). Initial weights are PyTorch's.
    Images whose height or width is no multiple of 16 get zeros around. 604 million multiply-adds
    for an image of 64x64x3.

    Args:
        input_tensor: Keras tensor of images `[batch, height, width, channels]`; 64x64 in the paper.
        num_latent: number of latents.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters, one more than stages.
        units: number of units of the dense layer.

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`; the published network has no
        second head, which models of deterministic codes cut off.

    Raises:
        ValueError: a height or width below 8.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282 (its published code).
    """
    del is_training
    check_size("residual_encoder", *input_tensor.shape[1:3])
    x = layers.Rescaling(2.0, -1.0)(pad_to_multiple(input_tensor, 2 ** (len(filters) - 1)))
    for stage, (width, following) in enumerate(zip(filters[:-1], filters[1:], strict=True), 1):
        for block in (1, 2):
            name = f"e{stage}_{block}"
            skip = x if x.shape[-1] == width else torch.conv2d(x, width, 1, f"{name}_skip")
            for index in (1, 2):
                x = torch.conv2d(x, width, 3, f"{name}_{index}")
                x = torch.instance_norm(x, _EPSILON, affine=True, name=f"{name}_{index}_norm")
                x = _gelu(x)
            x = layers.Add()([skip, x])
        x = torch.conv2d(_space_to_depth(x), following, 1, f"e{stage}_down")
    x = layers.GlobalAveragePooling2D()(x)
    x = _gelu(torch.layer_norm(torch.dense(x, units, "dense"), "dense_norm"))
    return torch.dense(x, num_latent, "means"), torch.dense(x, num_latent, "log_var")


@registry.decoder
def residual_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    filters: Sequence[int] = FILTERS[:0:-1],
    units: int = 256,
) -> KerasTensor:
    """Residual decoder of a learned map that the code modulates; gin: `decoder.decoder_fn = @residual_decoder`.

    The code passes two dense layers with layer normalisation and gelu: the condition. A learned map
    of a 16th of the image's height and width, of ones at the start, passes for each number of
    filters two residual blocks, doubling by repetition and a convolution of kernel 3 to the next
    number, the last to the channels. A block adds to x two times convolution of kernel 3, instance
    normalisation (epsilon 1e-5), x * (1 + scale) + offset with [scale, offset] = Dense(condition),
    gelu (by tanh). The condition and the outputs of all stages but the last are named "exposed_..."
    (see `exposed_layers`). Initial weights are PyTorch's. If a height or width is no multiple of 16,
    the image is the middle of the next larger one. 840 million multiply-adds for 64x64x3.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); height and width of at least 8.
        is_training: accepted for the common signature; this network does not use it.
        filters: numbers of filters.
        units: number of units of the condition.

    Returns:
        Keras tensor of logits `[batch, height, width, channels]`.

    Raises:
        ValueError: a height or width below 8.

    References:
        As for `residual_encoder`.
    """
    del is_training
    height, width, channels = output_shape
    check_size("residual_decoder", height, width)
    condition = latent_tensor
    for index, name in enumerate(("condition1", f"{EXPOSED}condition"), start=1):
        condition = torch.layer_norm(torch.dense(condition, units, f"dense{index}"), f"norm{index}")
        condition = _gelu(condition, name)
    rows, columns = map_to_double(height, width, len(filters))
    x = LearnedInput(rows, columns, filters[0], 1.0, name="learned_input")(latent_tensor)
    for stage, (num, following) in enumerate(
        zip(filters, [*filters[1:], channels], strict=True), 1
    ):
        for block in (1, 2):
            x = _modulated_block(x, condition, num, f"d{stage}_{block}")
        name = f"{EXPOSED}stage{stage}" if stage < len(filters) else "output"
        x = torch.conv2d(layers.UpSampling2D()(x), following, 3, name)
    return crop_to(x, height, width)


def _modulated_block(x, condition, num, name):
    skip = x
    for index in (1, 2):
        x = torch.conv2d(x, num, 3, f"{name}_{index}")
        x = torch.instance_norm(x, _EPSILON, affine=False, name=f"{name}_{index}_norm")
        scale, offset = modulation(torch.dense(condition, 2 * num, f"{name}_{index}_style"))
        x = layers.Add()([x, layers.Multiply()([x, scale]), offset])
        x = _gelu(x)
    return layers.Add()([skip, x])


def _space_to_depth(x):
    """Squares of 2x2 pixels as channels, the channel first, then row and column within the square."""
    rows, columns, channels = x.shape[1] // 2, x.shape[2] // 2, x.shape[3]
    x = keras.ops.reshape(x, (-1, rows, 2, columns, 2, channels))
    x = keras.ops.transpose(x, (0, 1, 3, 5, 2, 4))
    return keras.ops.reshape(x, (-1, rows, columns, 4 * channels))


@keras.saving.register_keras_serializable(package="tfdis")
def gelu_by_tanh(x: KerasTensor) -> KerasTensor:
    """The input times the normal distribution function, approximated by a tanh."""
    return keras.activations.gelu(x, approximate=True)


def _gelu(x, name=None):
    return layers.Activation(gelu_by_tanh, name=name)(x)
