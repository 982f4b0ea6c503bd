"""Builds the model that gin describes."""

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.standardisation import published_standardisation
from tfdis.models import VAE
from tfdis.networks import make_decoder, make_discriminator, make_gaussian_encoder
from tfdis.objectives import StandardisedLoss, make_reconstruction_loss
from tfdis.registry import parameters_of
from tfdis.training.optimizer_config import make_discriminator_optimizer


def build_model(
    builder: functools.partial,
    data: GroundTruthData,
    random_seed: int,
    standardise: bool = False,
    step_counting: str = "updates",
    label_sizes: Sequence[int] | None = None,
) -> VAE:
    """Builds a model with everything that its constructor asks for and that gin or the data know.

    Args:
        builder: a model class with its hyperparameters bound, which is what `@vae()` stands for in
            gin.
        data: the data set, which gives image shape and factors.
        random_seed: seed of the model's samples.
        standardise: whether encoder and loss see standardised images, (x - mean) / std with the
            data set's published constants. The model still takes and gives images in [0, 1].
        step_counting: what a schedule counts as steps; see `VAE`.
        label_sizes: number of values of each labelled factor, for supervised terms.

    Returns:
        The model, not compiled.

    Raises:
        ValueError: no constants are published, or the loss or the encoder cannot be standardised.
    """
    cls = builder.func
    image_shape = data.observation_shape
    known = {
        "factor_sizes": list(data.factors_num_values),
        "factor_names": list(data.factor_names),
        "dataset_size": None,
        **builder.keywords,
    }
    input_shape = cls.encoder_input_shape(image_shape, **known)
    encoder = make_gaussian_encoder(input_shape)
    latent_dim = encoder.output_shape[0][-1]
    output_size = cls.encoder_output_size(latent_dim, **known)
    if output_size != latent_dim:
        encoder = make_gaussian_encoder(input_shape, num_latent=output_size)
    make_loss = make_reconstruction_loss
    if standardise:
        constants = published_standardisation(data.name, getattr(data, "num_images", None))
        encoder = _standardised(encoder, image_shape, constants)
        make_loss = functools.partial(_standardised_loss, constants)
    givers = {
        "image_shape": lambda: image_shape,
        "latent_dim": lambda: latent_dim,
        "encoder": lambda: encoder,
        "decoder": lambda: make_decoder(image_shape, cls.decoder_input_size(latent_dim, **known)),
        "reconstruction_loss": make_loss,
        "seed": lambda: random_seed,
        "dataset_size": lambda: known["dataset_size"] or getattr(data, "num_images", None),
        "step_counting": lambda: step_counting,
        "discriminator": lambda: make_discriminator(
            cls.discriminator_input_size(latent_dim, **known)
        ),
        "discriminator_optimizer": make_discriminator_optimizer,
        "factor_sizes": lambda: known["factor_sizes"],
        "factor_names": lambda: known["factor_names"],
    }
    if label_sizes is not None:
        terms = builder.keywords["terms"]
        givers["terms"] = lambda: [_with_factors(term, label_sizes) for term in terms]
    wanted = parameters_of(cls)
    return builder(**{name: give() for name, give in givers.items() if name in wanted})


def bound_builder(model: Callable) -> functools.partial:
    """The partial of a model's class that gin's `model.model` stands for, `@vae()` or `@vae`."""
    return model if isinstance(model, functools.partial) else model()


def _with_factors(term, label_sizes):
    """A supervised term with the sizes of the labelled factors, unless it has its own."""
    if getattr(term, "factor_sizes", label_sizes) is not None:
        return term
    return term.with_factors(label_sizes)


def _standardised(encoder, image_shape, constants):
    """The encoder with a first layer that standardises images in [0, 1]."""
    if tuple(encoder.input_shape[1:]) != tuple(image_shape):
        raise ValueError(
            "model.standardise is for encoders of images alone. Expected inputs of shape "
            f"{tuple(image_shape)}. Received: {tuple(encoder.input_shape[1:])}, images with labels."
        )
    images = keras.Input(image_shape, name="images")
    variance = np.square(constants.std, dtype="float64")
    scaled = keras.layers.Normalization(mean=constants.mean, variance=variance)(images)
    return keras.Model(images, encoder(scaled), name="standardised_encoder")


def _standardised_loss(constants):
    return StandardisedLoss(make_reconstruction_loss(), constants.mean, constants.std)
