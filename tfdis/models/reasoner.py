"""The two stages of abstract reasoning: panels are embedded, then answers are scored."""

from collections.abc import Sequence
from typing import Self

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfdis")
class Reasoner(keras.Model):
    """Chooses among the answers of a matrix; gin: `TwoStageModel`.

    It works with `compile` (`sparse_categorical_crossentropy` of logits) and `fit` on batches
    `((context, answers), positions)` of `tfdis.data.matrices`.

    Args:
        reasoning: layer from embeddings `[batch, 8, dim]` and `[batch, 6, dim]` to logits
            `[batch, 6]`.
        embedding: layer from panels `[batch, num, ...]` to embeddings; None if panels are vectors.
        **kwargs: keyword arguments of `keras.Model`.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506.
    """

    def __init__(
        self, reasoning: keras.layers.Layer, embedding: keras.layers.Layer | None = None, **kwargs
    ):
        super().__init__(**kwargs)
        self.reasoning = reasoning
        self.embedding = embedding

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        """Builds both stages for panels `[batch, 8, ...]` and answers `[batch, 6, ...]`."""
        panels = [keras.Input(shape[1:]) for shape in input_shape]
        if self.embedding is not None:
            panels = [self.embedding(panel) for panel in panels]
        self.reasoning(panels)
        self.built = True

    def call(self, inputs: Sequence, training: bool = False) -> tf.Tensor:
        """Logits of the answers, `[batch, 6]`."""
        panels = list(inputs)
        if self.embedding is not None:
            panels = [self.embedding(panel) for panel in panels]
        return self.reasoning(panels, training=training)

    def get_config(self) -> dict:
        """Returns the constructor's arguments, serialisable by Keras."""
        parts = {"reasoning": self.reasoning, "embedding": self.embedding}
        stages = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **stages}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Self:
        """Rebuilds the model, without its weights, from `get_config`'s dictionary."""
        stages = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("reasoning", "embedding")
        }
        return cls(**{**config, **stages})
