"""VAEs that are given labels: as a condition of the encoder, of the decoder, or of both."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfdis.data.label_factors import Classes, label_classes
from tfdis.models import condition
from tfdis.models.batch_kind import BatchKind
from tfdis.models.vae import VAE


class LabelledVAE(VAE):
    """Base of VAEs that train on batches (images, factors), some of whose factors are the label.

    Subclasses take the options factor_sizes, label_factors and factor_names.
    """

    batch_kind = BatchKind.LABELLED

    @property
    def classes(self) -> Classes:
        """A pair (position, number of values) for each factor that is a label."""
        return label_classes(self.factor_sizes, self.label_factors, self.factor_names)

    def one_hot(self, labels: tf.Tensor | None) -> tf.Tensor:
        """Condition `[batch, classes]` of all ground-truth factors `[batch, factors]`."""
        condition.check_labels(type(self).__name__, labels, len(self.factor_sizes))
        return condition.one_hot(labels, self.classes)


class LabelledEncoderVAE(LabelledVAE):
    """Base of VAEs whose encoder sees the one-hot label beside the image, or takes it as unknown."""

    @classmethod
    def encoder_input_shape(
        cls, image_shape: Sequence[int], **options: Any
    ) -> tuple[int, int, int]:
        height, width, channels = image_shape
        return height, width, channels + condition.num_classes_of(options)

    def build_encoder(self, encoder: str | Callable | keras.Model) -> keras.Model:
        if isinstance(encoder, condition.ConditionalEncoder):
            return encoder
        return condition.ConditionalEncoder(super().build_encoder(encoder), self.classes)

    def infer(
        self, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return self.encoder(x, self.one_hot(labels), training=training)

    def extra_signatures(self) -> dict:
        images, _, given = condition.specs(self)

        def conditional_encoder(images, condition):
            mean, log_var = self.encoder(images, condition, training=False)
            return {"mean": mean, "logvar": log_var}

        specs = {"images": images, "condition": given}
        return super().extra_signatures() | {"conditional_encoder": (conditional_encoder, specs)}


class LabelledDecoderVAE(LabelledVAE):
    """Base of VAEs that decode [z; c], c a condition: a one-hot label, or predicted probabilities.

    Without a condition the decoder takes the label as unknown: uniform over the classes. Subclasses
    implement `generate`.
    """

    @classmethod
    def decoder_input_size(cls, latent_dim: int, **options: Any) -> int:
        return latent_dim + condition.num_classes_of(options)

    def build_decoder(self, decoder: str | Callable | keras.Model) -> keras.Model:
        if isinstance(decoder, condition.ConditionalDecoder):
            return decoder
        return condition.ConditionalDecoder(super().build_decoder(decoder), self.classes)

    def extra_signatures(self) -> dict:
        _, z, given = condition.specs(self)

        def conditional_decoder(latent_vectors, condition):
            return {"images": self.decoder(latent_vectors, condition, training=False)}

        specs = {"latent_vectors": z, "condition": given}
        return super().extra_signatures() | {"conditional_decoder": (conditional_decoder, specs)}
