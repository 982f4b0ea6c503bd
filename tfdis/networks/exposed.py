"""The outputs of a decoder's layers, for terms that look inside of it."""

import keras

# The layers of a decoder whose names begin so are those to look at.
EXPOSED = "exposed_"


def exposed_layers(decoder: keras.Model) -> keras.Function:
    """A function from codes to the outputs of a decoder's layers, with the decoder's own variables.

    Args:
        decoder: a functional Keras model. Of its layers those count whose names begin with
            "exposed_"; if there are none, all that have a kernel but the last of them (or it, if it is
            the only one).

    Returns:
        A function from codes `[batch, latent]` to a list of tensors `[batch, ...]`.

    Raises:
        ValueError: the decoder is no functional model, or has no such layer.
    """
    layers = decoder.layers if getattr(decoder, "inputs", None) else []
    chosen = [layer for layer in layers if layer.name.startswith(EXPOSED)]
    with_kernel = [layer for layer in layers if getattr(layer, "kernel", None) is not None]
    chosen = chosen or with_kernel[:-1] or with_kernel
    if not chosen:
        raise ValueError(
            "Expected a decoder that shows its layers: a functional Keras model with layers of names that "
            f"begin with {EXPOSED!r}, or with a kernel. Received: {decoder.name!r}."
        )
    return keras.Function(decoder.inputs[0], [layer.output for layer in chosen])
