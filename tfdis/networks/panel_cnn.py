"""The network of images in abstract reasoning."""

from collections.abc import Sequence

import gin
import keras
from keras import KerasTensor, ops

from tfdis.networks.reasoning_options import activation, keras_options, kernel_initializer

_MODULE = "tfdis.networks"


@keras.saving.register_keras_serializable(package="tfdis")
class PanelCNN(keras.layers.Layer):
    """Four convolutions that embed the images of panels; gin: `@BaselineCNNEmbedder`.

    32, 32, 64 and 64 filters of 4 x 4 with stride 2; the last maps, flattened, are the embedding.

    Args:
        num_latent: accepted as disentanglement_lib's class has it, which does not use it either.
        activation: activation of all layers; see the function of this name.
        kernel_initializer: initialiser of all kernels.
        **kwargs: keyword arguments of `keras.layers.Layer`.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506.
    """

    def __init__(
        self,
        num_latent: int,
        activation: str = "relu",
        kernel_initializer: str = "lecun_normal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_latent = num_latent
        self.shared = {"activation": activation, "kernel_initializer": kernel_initializer}
        options = keras_options(self.shared)
        convolutions = [
            keras.layers.Conv2D(filters, 4, 2, padding="same", **options)
            for filters in (32, 32, 64, 64)
        ]
        self.network = keras.Sequential(
            [*convolutions, keras.layers.Flatten()], name="embedding_cnn"
        )

    def build(self, input_shape: Sequence[int]) -> None:
        """Builds the convolutions for images `[batch, num, height, width, channels]`."""
        self.network.build((None, *input_shape[2:]))
        self.built = True

    def call(self, images: KerasTensor) -> KerasTensor:
        """Embeddings `[batch, num, dim]` of images `[batch, num, height, width, channels]`."""
        num, *image_shape = images.shape[1:]
        embedded = self.network(ops.reshape(images, (-1, *image_shape)))
        return ops.reshape(embedded, (-1, num, embedded.shape[-1]))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "num_latent": self.num_latent, **self.shared}


@gin.configurable("BaselineCNNEmbedder", module=_MODULE)
def build_panel_cnn(num_latent: int = gin.REQUIRED, name: str = "BaselineCNNEmbedder") -> PanelCNN:
    """The network of images, in gin `TwoStageModel.embedding_model_class = @BaselineCNNEmbedder`."""
    return PanelCNN(num_latent, activation(), kernel_initializer(), name=name)
