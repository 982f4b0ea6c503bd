"""The fully connected networks with batch normalisation of the two feature-VAE papers."""

import math
from collections.abc import Sequence

from keras import KerasTensor, initializers, layers

from tfdis import registry
from tfdis.networks.initializers import pytorch_biases, pytorch_weights

INITIALIZERS = ("pytorch", "orthogonal")


@registry.encoder
def mlp_encoder(
    input_tensor: KerasTensor,
    num_latent: int,
    is_training: bool = True,
    hidden_units: Sequence[int] = (256, 128, 64),
    batch_norm: bool = True,
    initializer: str = "pytorch",
) -> tuple[KerasTensor, KerasTensor]:
    """Fully connected Gaussian encoder of vectors or images; gin: `encoder.encoder_fn = @mlp_encoder`.

    Each hidden layer is a dense layer without bias, batch normalisation (epsilon 1e-5, momentum
    0.9) and relu; then follows one linear layer each for means and log variances. Stage 1: (256,
    128, 64); stage 2: (4096,).

    Args:
        input_tensor: Keras tensor `[batch, height, width, channels]`; a vector of 512 features is
            an image of 1x1x512.
        num_latent: number of latents.
        is_training: accepted for the common signature; Keras's own training flag drives the batch
            normalisation.
        hidden_units: numbers of units of the hidden layers.
        batch_norm: True for batch normalisation; False for plain dense layers with biases.
        initializer: "pytorch" (weights and biases U(-1, 1) / sqrt(fan_in)) or "orthogonal" (with
            zero biases).

    Returns:
        Keras tensors (means, log_vars), each `[batch, num_latent]`.

    Raises:
        ValueError: an unknown initialiser.

    References:
        Seitzer (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement through
        Aggregated Convolutional Feature Maps". arXiv:2002.10003 (stage 1).
        Seitzer et al. (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement
        through Learned Aggregation of Convolutional Feature Maps". arXiv:2002.12356 (stage 2).
    """
    del is_training
    x = _hidden(layers.Flatten()(input_tensor), hidden_units, batch_norm, initializer, "e")
    return _dense(x, num_latent, initializer, "means"), _dense(
        x, num_latent, initializer, "log_var"
    )


@registry.decoder
def mlp_decoder(
    latent_tensor: KerasTensor,
    output_shape: Sequence[int],
    is_training: bool = True,
    hidden_units: Sequence[int] = (64, 128, 256),
    batch_norm: bool = True,
    initializer: str = "pytorch",
) -> KerasTensor:
    """Fully connected decoder to vectors or images; gin: `decoder.decoder_fn = @mlp_decoder`.

    Hidden layers are those of `mlp_encoder`, then follows one linear layer. Stage 1: (64, 128, 256)
    and the linear output; stage 2: (4096, 4096, 4096, 4096), and its sigmoid is the activation
    "logits" of the loss.

    Args:
        latent_tensor: Keras tensor `[batch, latent]`.
        output_shape: (height, width, channels); (1, 1, 512) for feature vectors.
        is_training: accepted for the common signature, as in `mlp_encoder`.
        hidden_units: numbers of units of the hidden layers.
        batch_norm: as in `mlp_encoder`.
        initializer: as in `mlp_encoder`.

    Returns:
        Keras tensor `[batch, height, width, channels]`, before any activation.

    Raises:
        ValueError: an unknown initialiser.

    References:
        As for `mlp_encoder`.
    """
    del is_training
    x = _hidden(latent_tensor, hidden_units, batch_norm, initializer, "d")
    x = _dense(x, math.prod(output_shape), initializer, "output")
    return layers.Reshape(tuple(output_shape))(x)


def _hidden(x, hidden_units, batch_norm, initializer, prefix):
    if initializer not in INITIALIZERS:
        raise ValueError(
            f"Expected the initializer of an mlp out of {INITIALIZERS}. Received: {initializer!r}."
        )
    for index, units in enumerate(hidden_units, start=1):
        name = f"{prefix}{index}"
        x = _dense(x, units, initializer, name, use_bias=not batch_norm)
        if batch_norm:
            x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
        x = layers.Activation("relu", name=f"{name}_relu")(x)
    return x


def _dense(x, units, initializer, name, use_bias=True):
    is_pytorch = initializer == "pytorch"
    return layers.Dense(
        units,
        use_bias=use_bias,
        kernel_initializer=pytorch_weights() if is_pytorch else initializers.Orthogonal(),
        bias_initializer=pytorch_biases(x.shape[-1]) if is_pytorch else "zeros",
        name=name,
    )(x)
