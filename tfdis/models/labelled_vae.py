"""VAEs whose decoder sees a label beside the code: the common part of CVAE and IFCVAE."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdis.models import condition
from tfdis.models.batch_kind import BatchKind
from tfdis.models.vae import VAE


class LabelledVAE(VAE):
    """Base of VAEs that train on batches (images, factors) and decode [z; c], c a condition.

    The condition is a one-hot label, or predicted probabilities. Without one the decoder takes the label
    as unknown: uniform over the classes.

    Subclasses take the options factor_sizes, label_factors and factor_names, and implement `generate`.
    """

    batch_kind = BatchKind.LABELLED

    @property
    def classes(self) -> condition.Classes:
        """A pair (position, number of values) for each factor that is a label."""
        return condition.label_classes(self.factor_sizes, self.label_factors, self.factor_names)

    def one_hot(self, labels: tf.Tensor | None) -> tf.Tensor:
        """Condition `[batch, classes]` of all ground-truth factors `[batch, factors]`."""
        condition.check_labels(type(self).__name__, labels, len(self.factor_sizes))
        return condition.one_hot(labels, self.classes)

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
        return {"conditional_decoder": (conditional_decoder, specs)}
