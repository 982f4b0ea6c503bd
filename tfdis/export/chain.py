"""The whole chain of a feature VAE as a module: image -> backbone and pooling -> encoder."""

import os

import keras
import tensorflow as tf

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.model import computing_in_float32, export_model
from tfdis.features.extraction import image_shape_of, num_features_of


class Chain(keras.Model):
    """A VAE of features behind its extractor: q(z|image) = q(z|features(image)).

    It exports `gaussian_encoder` {images} -> {mean, logvar}, like any VAE, and `features` {images}
    -> {default}. It decodes features rather than images. So in place of `reconstructions` and
    `decoder`, whose readers would draw pictures, it has `feature_reconstructions` {images} ->
    {features} and `feature_decoder` {latent_vectors} -> {features}, after the loss's activation.

    Args:
        extractor: Keras model from images in [0, 1] to `[batch, features]`.
        vae: a VAE whose images have the shape (1, 1, features).

    Raises:
        ValueError: the extractor gives another number of features than the VAE takes.
    """

    def __init__(self, extractor: keras.Model, vae: keras.Model):
        super().__init__(name="chain")
        if tuple(vae.image_shape) != (1, 1, num_features_of(extractor)):
            raise ValueError(
                f"Expected an extractor of {vae.image_shape[-1]} features, which the VAE takes. "
                f"Received: one of {num_features_of(extractor)}. "
                "Fix: give the extractor whose features it was trained on."
            )
        self.image_shape = image_shape_of(extractor)
        self.latent_dim = vae.latent_dim
        self.extractor = extractor
        self.vae = vae
        images = keras.Input(self.image_shape, name="images")
        features = keras.layers.Reshape(vae.image_shape)(extractor(images))
        self.encoder = keras.Model(images, vae.encoder(features), name="encoder")
        self.decoder = vae.decoder

    def extra_signatures(self) -> dict:
        """Signatures besides `gaussian_encoder`, described above; None where there is none."""
        images = tf.TensorSpec([None, *self.image_shape], tf.float32, "images")
        latents = tf.TensorSpec([None, self.latent_dim], tf.float32, "latent_vectors")

        def features(images):
            return {"default": self.extractor(images, training=False)}

        def decode(latent_vectors):
            decoded = self.decoder(latent_vectors, training=False)
            values = self.vae.reconstruction_loss.images(decoded)
            return {"features": tf.reshape(values, [-1, self.vae.image_shape[-1]])}

        def reconstruct(images):
            return decode(self.encoder(images, training=False)[0])

        return {
            "reconstructions": None,
            "decoder": None,
            "features": (features, {"images": images}),
            "feature_reconstructions": (reconstruct, {"images": images}),
            "feature_decoder": (decode, {"latent_vectors": latents}),
        }


def export_chain(
    vae: keras.Model,
    extractor: keras.Model,
    run_dir: str | os.PathLike,
    overwrite: bool = False,
    with_optimizer: bool = True,
) -> None:
    """Writes `tfhub` and `saved_model` of the whole chain, and `model.keras` of the VAE alone.

    Args:
        vae: a VAE of features.
        extractor: the extractor of the features that the VAE learned from.
        run_dir: the run's folder, which is made if it is missing.
        overwrite: whether existing exports are replaced.
        with_optimizer: as for `export_model`.

    Raises:
        ValueError: the two do not go together.
        FileExistsError: one of the three is there already and `overwrite` is False.
    """
    export_model(Chain(extractor, vae), str(run_dir), overwrite, vae, with_optimizer)


def export_extractor(extractor: keras.Model, path: str, overwrite: bool = False) -> None:
    """Writes a feature extractor alone as a frozen module.

    Its signatures `default` (what `hub.KerasLayer` calls) and `serving_default` are the same: {images}
    -> {default}, `[batch, features]`.

    Args:
        extractor: Keras model from images in [0, 1] to `[batch, features]`.
        path: path of the folder to write, usually `<extraction>/tfhub`.
        overwrite: whether an existing folder is replaced.
    """
    spec = tf.TensorSpec([None, *image_shape_of(extractor)], tf.float32, "images")

    def features(images):
        return {"default": extractor(images, training=False)}

    signature = Signature(features, {"images": spec})
    with computing_in_float32(extractor):
        export_frozen({"default": signature, "serving_default": signature}, path, overwrite)
