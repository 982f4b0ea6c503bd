"""Models of pairs of images: the two of a pair are encoded side by side."""

import tensorflow as tf

from tfdis.models.batch_kind import BatchKind
from tfdis.models.vae import VAE
from tfdis.objectives import Outputs


class SideBySideVAE(VAE):
    """Base of VAEs that learn from pairs `[batch, 2, height, width, channels]`.

    Reconstruction and terms are given the 2 * batch images, the two of a pair side by side, and are
    means over all of them.

    Args:
        **kwargs: arguments of `VAE`.
    """

    batch_kind = BatchKind.PAIRS

    def outputs(
        self,
        x: tf.Tensor,
        step: tf.Tensor,
        labels: tf.Tensor | None = None,
        training: bool | None = False,
        labelled: tuple[tf.Tensor, tf.Tensor] | None = None,
    ) -> Outputs:
        return super().outputs(self._side_by_side(x), step, labels, training, labelled)

    def _side_by_side(self, x):
        if x.shape.rank != 5 or x.shape[1] != 2:
            raise ValueError(
                f"{type(self).__name__} learns from pairs. Expected batches of shape [batch, 2, "
                f"{', '.join(str(size) for size in self.image_shape)}]. Received: {x.shape}. Use "
                "tfdis.data.streams.pairs.pair_stream."
            )
        return tf.reshape(x, [-1, *self.image_shape])
