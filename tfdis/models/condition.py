"""Labels as the condition of a model: one-hot vectors, and networks that see them."""

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import layers

from tfdis.data.label_factors import DEFAULT_LABEL_FACTORS, Classes, label_classes
from tfdis.networks.normal_layers import dense
from tfdis.objectives.configurable import Saved


def one_hot(labels: tf.Tensor | None, classes: Classes) -> tf.Tensor:
    """Condition `[batch, sum of classes]` of ground-truth factors `[batch, factors]`."""
    return tf.concat([tf.one_hot(labels[:, i], size) for i, size in classes], axis=1)


def softmax(logits: tf.Tensor, classes: Classes) -> tf.Tensor:
    """Condition of predicted logits `[batch, sum of classes]`: one softmax for each factor."""
    parts = tf.split(logits, [size for _, size in classes], axis=1)
    return tf.concat([tf.nn.softmax(part) for part in parts], axis=1)


def uniform(batch_size: int | tf.Tensor, classes: Classes) -> tf.Tensor:
    """The condition "label unknown": every class of a factor has the same weight, 1 / classes."""
    row = tf.concat([tf.fill([size], 1.0 / size) for _, size in classes], axis=0)
    return tf.tile(row[None], [batch_size, 1])


def check_labels(owner: str, labels: tf.Tensor | None, num_factors: int) -> None:
    """Raises ValueError unless there are labels `[batch, num_factors]`."""
    if labels is None:
        raise ValueError(
            f"{owner} learns from labels. Expected batches (images, factors) with integer factors "
            f"[batch, {num_factors}]. Received: images alone. Use "
            "image_stream(..., with_factors=True)."
        )
    if labels.shape.rank != 2 or labels.shape[1] != num_factors:
        raise ValueError(
            f"{owner}: expected labels of shape [batch, {num_factors}], all ground-truth factors. "
            f"Received: {labels.shape}."
        )


@keras.saving.register_keras_serializable(package="tfdis")
class ConditionalEncoder(Saved, keras.Model):
    """images, condition -> (mean, log_var): the label is drawn onto further channels of the image.

    Every component of the condition passes an MLP of its own (1 -> 64 -> 256 -> height * width,
    with leaky relu of slope 0.2 in between and initial weights as in Disentanglement-PyTorch) and
    becomes one channel. Without a condition the label counts as unknown: see `uniform`.

    Args:
        network: encoder of images that have one more channel for each component of the condition.
        classes: pairs (position, number of values), one for each factor that is a label.
        **kwargs: keyword arguments of `keras.Model`.
    """

    def __init__(self, network: keras.Model, classes: Sequence[tuple[int, int]], **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.classes = [tuple(pair) for pair in classes]
        self.label_channels = _label_channels(network.input_shape[1:3], num_classes(self.classes))
        self.built = True

    def call(
        self, images: tf.Tensor, condition: tf.Tensor | None = None, training: bool | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """(mean, log_var) of images `[batch, height, width, channels]`."""
        if condition is None:
            condition = uniform(tf.shape(images)[0], self.classes)
        channels = self.label_channels(condition)
        images = tf.concat([tf.cast(images, channels.dtype), channels], axis=-1)
        return self.network(images, training=training)


@keras.saving.register_keras_serializable(package="tfdis")
class ConditionalDecoder(Saved, keras.Model):
    """z, condition -> logits: decodes [z; condition]; without a condition, see `uniform`.

    Args:
        network: decoder of latents followed by the components of the condition.
        classes: pairs (position, number of values), one for each factor that is a label.
        **kwargs: keyword arguments of `keras.Model`.
    """

    def __init__(self, network: keras.Model, classes: Sequence[tuple[int, int]], **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.classes = [tuple(pair) for pair in classes]
        self.built = True

    def call(
        self, z: tf.Tensor, condition: tf.Tensor | None = None, training: bool | None = None
    ) -> tf.Tensor:
        """Logits `[batch, height, width, channels]` of codes `[batch, latent]`."""
        if condition is None:
            condition = uniform(tf.shape(z)[0], self.classes)
        z = tf.concat([z, tf.cast(condition, z.dtype)], axis=1)
        return self.network(z, training=training)


def num_classes(classes: Classes) -> int:
    """Number of components of the condition."""
    return sum(size for _, size in classes)


def num_classes_of(options: dict) -> int:
    """`num_classes` from a model's constructor arguments."""
    factors = options.get("label_factors", DEFAULT_LABEL_FACTORS)
    return num_classes(label_classes(options["factor_sizes"], factors, options.get("factor_names")))


def _label_channels(image_size, num_components):
    height, width = image_size
    condition = keras.Input((num_components,), name="condition")
    channels = []
    for index in range(num_components):
        x = condition[:, index : index + 1]
        for units in (64, 256):
            x = layers.LeakyReLU(negative_slope=0.2)(dense(x, units))
        channels.append(layers.Reshape((height, width, 1))(dense(x, height * width)))
    stacked = channels[0] if num_components == 1 else layers.Concatenate()(channels)
    return keras.Model(condition, stacked, name="label_channels")


def specs(model: keras.Model) -> tuple[tf.TensorSpec, tf.TensorSpec, tf.TensorSpec]:
    """Tensor specifications of images, latent vectors and conditions, for a model's signatures."""
    return (
        tf.TensorSpec([None, *model.image_shape], tf.float32, "images"),
        tf.TensorSpec([None, model.latent_dim], tf.float32, "latent_vectors"),
        tf.TensorSpec([None, num_classes(model.classes)], tf.float32, "condition"),
    )
