"""Turns network functions into Keras models, and binds them to gin's `encoder` and `decoder`."""

from collections.abc import Callable, Sequence
from typing import Any

import gin
import keras

from tfdis import registry


def build_encoder(
    encoder_fn: str | Callable | keras.Model, image_shape: Sequence[int], latent_dim: int
) -> keras.Model:
    """Builds a Keras model `images -> (mean, log_var)` from an encoder function.

    Args:
        encoder_fn: `encoder_fn(input_tensor=, num_latent=, is_training=) -> (means, log_vars)`, or
            the name under which one is registered. A Keras model is checked and taken as it is.
        image_shape: (height, width, channels).
        latent_dim: number of latents, at least 1.

    Returns:
        Model from images `[batch, height, width, channels]` to two float32 tensors `[batch,
        latent]`.

    Raises:
        ValueError: latent_dim below 1, an image shape that is not three positive integers, an image
            that the network cannot take, or a function that returns something else.
    """
    image_shape = check_image_shape(image_shape)
    check_latent_dim(latent_dim)
    if isinstance(encoder_fn, keras.Model):
        check_encoder_outputs(encoder_fn, _outputs(encoder_fn, image_shape), latent_dim)
        return encoder_fn
    encoder_fn = registry.ENCODERS.resolve(encoder_fn)
    images = keras.Input(image_shape, name="images")
    outputs = encoder_fn(input_tensor=images, num_latent=latent_dim, is_training=True)
    check_encoder_outputs(encoder_fn, outputs, latent_dim)
    means, log_vars = outputs
    outputs = [_float32("mean")(means), _float32("log_variance")(log_vars)]
    return keras.Model(images, outputs, name="encoder")


def build_decoder(
    decoder_fn: str | Callable | keras.Model, image_shape: Sequence[int], latent_dim: int
) -> keras.Model:
    """Builds a Keras model `z -> logits` from a decoder function.

    Args:
        decoder_fn: `decoder_fn(latent_tensor=, output_shape=, is_training=) -> logits`, or a name
            or a Keras model, as for `build_encoder`.
        image_shape: (height, width, channels) of the images to decode.
        latent_dim: number of latents, at least 1.

    Returns:
        Model from `[batch, latent]` to float32 `[batch, height, width, channels]` logits.

    Raises:
        ValueError: as for `build_encoder`, or a decoder that makes images of another shape.
    """
    image_shape = check_image_shape(image_shape)
    check_latent_dim(latent_dim)
    if isinstance(decoder_fn, keras.Model):
        check_decoder_output(decoder_fn, _outputs(decoder_fn, (latent_dim,)), image_shape)
        return decoder_fn
    decoder_fn = registry.DECODERS.resolve(decoder_fn)
    z = keras.Input((latent_dim,), name="latent_vectors")
    logits = decoder_fn(latent_tensor=z, output_shape=list(image_shape), is_training=True)
    check_decoder_output(decoder_fn, logits, image_shape)
    return keras.Model(z, _float32("logits")(logits), name="decoder")


@gin.configurable("encoder", module="tfdis.networks", allowlist=["num_latent", "encoder_fn"])
def make_gaussian_encoder(
    image_shape: Sequence[int], num_latent: int = gin.REQUIRED, encoder_fn: Callable = gin.REQUIRED
) -> keras.Model:
    """The encoder that gin names: `encoder.encoder_fn`, `encoder.num_latent`."""
    return build_encoder(encoder_fn, image_shape, num_latent)


@gin.configurable("decoder", module="tfdis.networks", allowlist=["decoder_fn"])
def make_decoder(
    image_shape: Sequence[int], latent_dim: int, decoder_fn: Callable = gin.REQUIRED
) -> keras.Model:
    """The decoder that gin names: `decoder.decoder_fn`."""
    return build_decoder(decoder_fn, image_shape, latent_dim)


def build_discriminator(discriminator_fn: str | Callable, latent_dim: int) -> keras.Model:
    """Builds a Keras model `z -> logits` from a discriminator function.

    Args:
        discriminator_fn: `discriminator_fn(input_tensor=, is_training=) -> (logits, probs)`, or the
            name under which one is registered.
        latent_dim: number of latents, at least 1.

    Returns:
        Model from `[batch, latent]` to float32 `[batch, 2]` logits; class 0 is "from the
        posterior".

    Raises:
        ValueError: a latent_dim below 1.
    """
    check_latent_dim(latent_dim)
    z = keras.Input((latent_dim,), name="latent_vectors")
    logits, _ = registry.DISCRIMINATORS.resolve(discriminator_fn)(input_tensor=z, is_training=True)
    return keras.Model(z, _float32("logits_float32")(logits), name="discriminator")


@gin.configurable("discriminator", module="tfdis.networks", allowlist=["discriminator_fn"])
def make_discriminator(latent_dim: int, discriminator_fn: Callable = gin.REQUIRED) -> keras.Model:
    """The discriminator that gin names: `discriminator.discriminator_fn`."""
    return build_discriminator(discriminator_fn, latent_dim)


def check_latent_dim(latent_dim: int) -> None:
    """Raises ValueError unless `latent_dim` is an integer of at least 1."""
    if isinstance(latent_dim, bool) or not isinstance(latent_dim, int) or latent_dim < 1:
        raise ValueError(
            "Expected the number of latents (latent_dim, gin: encoder.num_latent) to be an integer "
            f"of at least 1. Received: {latent_dim!r}."
        )


def check_encoder_outputs(encoder: Callable, outputs: Any, latent_dim: int) -> None:
    """Raises ValueError unless an encoder gives two tensors `[batch, latent_dim]`."""
    is_pair = isinstance(outputs, tuple | list) and len(outputs) == 2
    if not is_pair or any(tuple(output.shape[1:]) != (latent_dim,) for output in outputs):
        shapes = [tuple(output.shape) for output in keras.tree.flatten(outputs)]
        raise ValueError(
            f"Expected the encoder to give (mean, log_var), two tensors of shape (None, {latent_dim}). "
            f"Received: {shapes} from {_name(encoder)}. Fix: give both, and as many values as latents."
        )


def check_decoder_output(decoder: Callable, logits: Any, image_shape: Sequence[int]) -> None:
    """Raises ValueError unless a decoder gives one tensor `[batch, height, width, channels]`."""
    outputs = keras.tree.flatten(logits)
    shapes = [tuple(output.shape[1:]) for output in outputs]
    if shapes != [tuple(image_shape)]:
        raise ValueError(
            f"Expected the decoder to make images of shape {tuple(image_shape)}. Received: "
            f"{shapes[0] if len(shapes) == 1 else shapes} from {_name(decoder)}. Choose another decoder, "
            "or resize the images."
        )


def check_image_shape(image_shape: Sequence[int]) -> tuple[int, int, int]:
    """Returns the shape as a tuple of three positive integers, or raises ValueError."""
    try:
        shape = tuple(int(size) for size in image_shape)
    except TypeError:
        shape = ()
    if len(shape) != 3 or min(shape) < 1:
        raise ValueError(
            "Expected an image shape of three positive integers (height, width, channels). "
            f"Received: {image_shape!r}."
        )
    return shape


def _outputs(network, input_shape):
    """What a Keras model gives, as symbols; a subclassed model is built by asking it."""
    outputs = getattr(network, "outputs", None)
    if outputs is None:
        return network(keras.Input(input_shape))
    return outputs if len(outputs) != 1 else outputs[0]


def _name(network):
    return getattr(network, "__name__", None) or getattr(network, "name", network)


def _float32(name):
    """Casts to float32: losses and exports are float32 whatever type the layers compute in."""
    return keras.layers.Activation("linear", dtype="float32", name=name)
