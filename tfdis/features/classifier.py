"""One linear classifier for each factor on top of a feature extractor."""

from collections.abc import Mapping
from typing import Self

import keras
import tensorflow as tf

from tfdis.features.factor_scores import FactorScores, factor_cross_entropies
from tfdis.networks import initializers

HEAD_INITIALIZERS = ("he_uniform", "pytorch")


@keras.saving.register_keras_serializable(package="tfdis")
class MultiHeadClassifier(keras.Model):
    """Predicts the value of every factor: logits_f = W_f extractor(x) + b_f.

    The loss is the sum over the factors of their cross-entropies (stage 2, section 2.1), each a
    mean over the images of the batch that have a label for the factor; a factor without any adds 0.
    It works with `compile(optimizer)` and `fit` on batches of images and labels, integers
    `[batch, num_factors]`, -1 for none.

    Args:
        extractor: Keras model from images to features `[batch, D]`.
        factor_sizes: numbers of values by name of factor, in the labels' order.
        head_initializer: "he_uniform" with biases of 0, or "pytorch" for PyTorch's default of both.
        **kwargs: keyword arguments of `keras.Model`.

    Raises:
        ValueError: no factor, a factor of fewer than 2 values, or an unknown initialiser.

    Example:
        >>> extractor = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> classifier = MultiHeadClassifier(extractor, {"shape": 3, "size": 2})
        >>> {k: tuple(v.shape) for k, v in classifier(keras.ops.ones((5, 8, 8, 1))).items()}
        {'shape': (5, 3), 'size': (5, 2)}

    References:
        Seitzer et al. (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement
        through Learned Aggregation of Convolutional Feature Maps". arXiv:2002.12356.
    """

    def __init__(
        self,
        extractor: keras.Model,
        factor_sizes: Mapping[str, int],
        head_initializer: str = "he_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        _check(factor_sizes, head_initializer)
        self.extractor = extractor
        self.factor_sizes = dict(factor_sizes)
        self.head_initializer = head_initializer
        features = keras.Input(_output_shape(extractor))
        self.heads = [self._head(size, features.shape[-1]) for size in self.factor_sizes.values()]
        for head in self.heads:
            head.build(features.shape)
        self.scores = FactorScores(list(self.factor_sizes))
        self.built = True

    def _head(self, size, num_features):
        if self.head_initializer == "he_uniform":
            weights, biases = "he_uniform", "zeros"
        else:
            weights = initializers.pytorch_weights()
            biases = initializers.pytorch_biases(num_features)
        return keras.layers.Dense(
            size, kernel_initializer=weights, bias_initializer=biases, dtype="float32"
        )

    def call(self, images: tf.Tensor, training: bool = False) -> dict[str, tf.Tensor]:
        """Returns float32 logits `[batch, size]` by name of factor."""
        features = self.extractor(images, training=training)
        return {
            name: head(features) for name, head in zip(self.factor_sizes, self.heads, strict=True)
        }

    def compute_loss(
        self,
        x: tf.Tensor | None = None,
        y: tf.Tensor | None = None,
        y_pred: Mapping[str, tf.Tensor] | None = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Returns the sum of the factors' cross-entropies, in nats, for Keras's training step."""
        del x, sample_weight, training
        entropies, counts = factor_cross_entropies(y, self._in_order(y_pred))
        loss = tf.reduce_sum(tf.math.divide_no_nan(entropies, counts))
        # Keras adds up the replicas' losses.
        return loss / tf.distribute.get_strategy().num_replicas_in_sync

    def compute_metrics(
        self,
        x: tf.Tensor,
        y: tf.Tensor,
        y_pred: Mapping[str, tf.Tensor],
        sample_weight: tf.Tensor | None = None,
    ) -> dict[str, tf.Tensor]:
        """Adds a batch to the scores; returns loss and scores so far."""
        del x, sample_weight
        self.scores.update_state(y, self._in_order(y_pred))
        return self.get_metrics_result()

    def _in_order(self, logits):
        return [logits[name] for name in self.factor_sizes]

    def get_config(self) -> dict:
        """Returns the constructor's arguments, serialisable by Keras."""
        return {
            **super().get_config(),
            "extractor": keras.saving.serialize_keras_object(self.extractor),
            "factor_sizes": self.factor_sizes,
            "head_initializer": self.head_initializer,
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Self:
        """Rebuilds the classifier, without its weights, from `get_config`'s dictionary."""
        extractor = keras.saving.deserialize_keras_object(config["extractor"], custom_objects)
        return cls(**{**config, "extractor": extractor})


def _output_shape(extractor):
    """Shape of one image's features."""
    images = keras.Input(getattr(extractor, "image_shape", None) or extractor.input_shape[1:])
    return extractor(images).shape[1:]


def _check(factor_sizes, head_initializer):
    if not factor_sizes or min(factor_sizes.values()) < 2:
        raise ValueError(
            "MultiHeadClassifier: expected factors of at least 2 values. Received: "
            f"{dict(factor_sizes)}. Leave out the others: there is nothing to learn."
        )
    if head_initializer not in HEAD_INITIALIZERS:
        raise ValueError(
            f"Expected head_initializer of {HEAD_INITIALIZERS}. Received: {head_initializer!r}."
        )
