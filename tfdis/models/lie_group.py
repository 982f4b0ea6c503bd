"""The networks around a Lie group: generators, an encoder into group features, a decoder of elements."""

import keras
import tensorflow as tf
from keras import layers

from tfdis import ops
from tfdis.objectives.configurable import Saved

# Standard deviation of the generators' entries at the start.
_INITIAL_SCALE = 1e-3


class LieGroup(layers.Layer):
    """z -> exp(sum_i z_i A_i), with one trained generator A_i for each latent.

    Args:
        latent_dim: number of latents.
        size: number of rows of the matrices.
    """

    def __init__(self, latent_dim: int, size: int):
        super().__init__(dtype="float32", name="lie_group")
        self.generators = self.add_weight(
            shape=(latent_dim, size, size),
            initializer=keras.initializers.RandomNormal(stddev=_INITIAL_SCALE),
            name="generators",
        )
        self.built = True

    def call(self, z: tf.Tensor) -> tf.Tensor:
        """Elements `[batch, size, size]` of codes `[batch, latent]`."""
        return ops.matrix_exponential(tf.einsum("bi,irc->brc", z, self.generators))


@keras.saving.register_keras_serializable(package="tfdis")
class GroupEncoder(Saved, keras.Model):
    """images -> (mean, log_var), by way of features that are trained to be the group's elements.

    Args:
        network: images -> (features, anything), `[batch, size^2]`; the second output is cut off.
        latent_dim: number of latents.
        **kwargs: keyword arguments of `keras.Model`.
    """

    def __init__(self, network: keras.Model, latent_dim: int, **kwargs):
        super().__init__(**kwargs)
        if isinstance(network.outputs, list) and len(network.outputs) == 2:
            network = keras.Model(network.inputs, network.outputs[0], name="group_features")
        self.network = network
        self.latent_dim = latent_dim
        num_features = network.output_shape[-1]
        self.mean_head = _head(num_features, latent_dim, "mean")
        self.log_var_head = _head(num_features, latent_dim, "log_variance")
        self.built = True

    def call(self, images: tf.Tensor, training: bool | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """(mean, log_var) of images `[batch, height, width, channels]`."""
        return self.heads(self.features(images, training))

    def features(self, images: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Group features `[batch, size^2]` of images."""
        return self.network(images, training=training)

    def heads(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(mean, log_var) of features `[batch, size^2]`."""
        return self.mean_head(features), self.log_var_head(features)


@keras.saving.register_keras_serializable(package="tfdis")
class GroupDecoder(Saved, keras.Model):
    """z -> logits, by way of the group's elements.

    Args:
        network: flat elements `[batch, size^2]` -> logits.
        latent_dim: number of latents.
        **kwargs: keyword arguments of `keras.Model`.
    """

    def __init__(self, network: keras.Model, latent_dim: int, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.latent_dim = latent_dim
        self.group = LieGroup(latent_dim, round(network.input_shape[-1] ** 0.5))
        self.built = True

    def call(self, z: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Logits `[batch, height, width, channels]` of codes `[batch, latent]`."""
        return self.decode_elements(self.group(z), training)

    def decode_elements(self, elements: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Logits of elements `[batch, size, size]`."""
        flat = tf.reshape(elements, [-1, elements.shape[-1] ** 2])
        return self.network(flat, training=training)


def _head(num_features: int, latent_dim: int, name: str) -> keras.Model:
    features = keras.Input((num_features,))
    x = layers.Dense(4 * num_features, "relu")(features)
    x = layers.Activation("linear", dtype="float32")(layers.Dense(latent_dim)(x))
    return keras.Model(features, x, name=name)
