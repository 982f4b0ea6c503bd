"""The feature extractor: a backbone, then a pooling layer."""

from collections.abc import Callable, Sequence
from typing import Self

import gin
import keras
import numpy as np
import tensorflow as tf

from tfdis.configuration import configurable
from tfdis.networks import check_image_shape


@keras.saving.register_keras_serializable(package="tfdis")
class FeatureExtractor(keras.Model):
    """Features of images: features = pooling(backbone(images) [+ positional encoding]).

    A backbone whose `trainable` is False runs in inference mode whatever `training` says: its batch
    statistics do not move.

    Args:
        image_shape: (height, width, channels) of the images that are passed in, before any
            resizing.
        backbone: Keras model from float32 images `[batch, height, width, channels]` in [0, 1] to
            feature maps `[batch, h, w, c]`; it includes the preprocessing.
        pooling: Keras layer from feature maps to features `[batch, D]`.
        positional_encoding: Keras layer applied to the maps before the pooling, or None.
        **kwargs: keyword arguments of `keras.Model`.

    Attributes:
        output_dim: D, the number of features.

    Raises:
        ValueError: a backbone that takes other images, a pooling layer that does not return
            `[batch, D]` or, in a call, images of another shape.

    Example:
        >>> from tfdis.features import GlobalAverage
        >>> backbone = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3)])
        >>> extractor = FeatureExtractor((8, 8, 3), backbone, GlobalAverage())
        >>> extractor(keras.ops.ones((2, 8, 8, 3))).shape.as_list(), extractor.output_dim
        ([2, 5], 5)
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        backbone: keras.Model,
        pooling: keras.layers.Layer,
        positional_encoding: keras.layers.Layer | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = check_image_shape(image_shape)
        taken = tuple(backbone.input_shape[1:])
        if taken != self.image_shape:
            raise ValueError(
                f"FeatureExtractor: expected a backbone for images of shape {self.image_shape}. "
                f"Received: {backbone.name!r}, built for {taken}. Build it with that image_shape."
            )
        self.backbone = backbone
        self.pooling = pooling
        self.positional_encoding = positional_encoding
        self.output_dim = self._build_and_measure()

    def _build_and_measure(self) -> int:
        """Creates the variables of the layers after the backbone; returns the number of features."""
        maps = keras.Input(self.maps_shape)
        if self.positional_encoding is not None:
            maps = self.positional_encoding(maps)
        shape = tuple(self.pooling(maps).shape)
        if len(shape) != 2 or shape[1] is None:
            raise ValueError(
                "FeatureExtractor: expected a pooling layer that returns [batch, features]. Received: "
                f"{self.pooling.name!r}, which returns {shape} for the maps {self.maps_shape}."
            )
        self.built = True
        return shape[1]

    @property
    def maps_shape(self) -> tuple[int, ...]:
        """(height, width, channels) of the backbone's feature maps."""
        return tuple(self.backbone.output_shape[1:])

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns float32 features `[batch, output_dim]` of float32 images in [0, 1]."""
        received = tuple(images.shape)
        if len(received) != 4 or received[1:] != self.image_shape:
            raise ValueError(
                f"FeatureExtractor: expected images of shape {(None, *self.image_shape)}. Received: "
                f"{received}. Build the extractor for that image_shape, or resize the images."
            )
        maps = self.feature_maps(images, training)
        return keras.ops.cast(self.pooling(maps, training=bool(training)), "float32")

    def feature_maps(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the backbone's maps `[batch, h, w, c]`, plus their encoded position if wanted."""
        maps = self.backbone(images, training=bool(training) and self.backbone.trainable)
        return maps if self.positional_encoding is None else self.positional_encoding(maps)

    def fit_pooling(self, images: np.ndarray, batch_size: int = 64) -> None:
        """Fits a pooling layer that has a `fit` (PCARMAC) to a sample of images; does nothing for others.

        Args:
            images: float32 array `[n, *image_shape]` in [0, 1]; the maps of all n are held in
                memory.
            batch_size: number of images that go through the backbone at once.
        """
        if hasattr(self.pooling, "fit"):
            compute_maps = tf.function(self.feature_maps)
            batches = range(0, len(images), batch_size)
            maps = [compute_maps(tf.constant(images[i : i + batch_size])).numpy() for i in batches]
            self.pooling.fit(np.concatenate(maps))

    def compute_output_shape(self, images_shape: Sequence[int | None]) -> tuple[int | None, int]:
        """Shape of the features, `[batch, output_dim]`."""
        return (images_shape[0], self.output_dim)

    def get_config(self) -> dict:
        """Returns the constructor's arguments, serialisable by Keras."""
        return {
            **super().get_config(),
            "image_shape": list(self.image_shape),
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "backbone_trainable": self.backbone.trainable,
            "pooling": keras.saving.serialize_keras_object(self.pooling),
            "positional_encoding": keras.saving.serialize_keras_object(self.positional_encoding),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Self:
        """Rebuilds the extractor, without its weights, from `get_config`'s dictionary."""
        parts = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("backbone", "pooling")
        }
        if config.get("positional_encoding") is not None:
            parts["positional_encoding"] = keras.saving.deserialize_keras_object(
                config["positional_encoding"], custom_objects
            )
        if not config["backbone_trainable"]:
            parts["backbone"].trainable = False
        config = {name: value for name, value in config.items() if name != "backbone_trainable"}
        return cls(**{**config, **parts})


@configurable("feature_extractor", module="tfdis.features", denylist=["image_shape"])
def build_feature_extractor(
    image_shape: Sequence[int],
    backbone_fn: Callable = gin.REQUIRED,
    pooling_fn: Callable = gin.REQUIRED,
    positional_encoding_fn: Callable | None = None,
) -> FeatureExtractor:
    """The extractor that gin names.

    In gin: `feature_extractor.backbone_fn = @vgg19`, `feature_extractor.pooling_fn = @rmac`.

    Args:
        image_shape: (height, width, channels) of the images.
        backbone_fn: `backbone_fn(image_shape) -> keras.Model`, a registered backbone.
        pooling_fn: `pooling_fn() -> keras.layers.Layer`, a registered pooling layer.
        positional_encoding_fn: `@positional_encoding`, or None for none.
    """
    image_shape = check_image_shape(image_shape)
    encoding = positional_encoding_fn() if positional_encoding_fn else None
    return FeatureExtractor(image_shape, backbone_fn(image_shape), pooling_fn(), encoding)
