"""The plain autoencoder."""

from collections.abc import Callable, Sequence

import keras

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import Term

# A standard deviation of 1e-13: a sampled z is the mean itself in float32.
_LOG_VAR = -60.0


@registry.model("autoencoder")
class Autoencoder(VAE):
    """Autoencoder: the reconstruction loss alone, with a deterministic code; gin: `@autoencoder()`.

    loss = mean_x [-log p(x|z)],  z = mean(x)

    It is the VAE in the limit of no posterior variance and no regulariser. The encoder keeps the
    interface of all models, (mean, log_var), so that every command and export works: the head of
    the log variance is dropped, and log_var is the constant -60. `kl_loss` and `elbo`, which mean
    nothing here, are not logged.

    Args:
        terms: further terms of the loss, for example `MMD` for a Wasserstein autoencoder, or
            `DIPPenalty`.
        own_terms: as for `VAE`, for subclasses.
        **kwargs: further arguments of `VAE`.

    References:
        Hinton and Salakhutdinov (2006), "Reducing the Dimensionality of Data with Neural Networks",
        Science 313.
    """

    is_variational = False

    def __init__(self, own_terms: Sequence[Term] | None = None, **kwargs):
        super().__init__(own_terms=own_terms or [], **kwargs)

    def build_encoder(self, encoder: str | Callable | keras.Model) -> keras.Model:
        """Builds the encoder as `VAE` does, and replaces its log variance by a constant."""
        encoder = super().build_encoder(encoder)
        outputs = getattr(encoder, "outputs", None)
        if outputs:  # The model is functional, so that the unused head is cut off its graph.
            inputs = encoder.inputs[0] if len(encoder.inputs) == 1 else encoder.inputs
        else:
            inputs = keras.Input(self.image_shape, name="images")
            outputs = encoder(inputs)
        mean = outputs[0]
        log_var = keras.ops.full_like(mean, _LOG_VAR)
        return keras.Model(inputs, [mean, log_var], name="encoder")
