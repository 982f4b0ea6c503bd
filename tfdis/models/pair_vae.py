"""Weak supervision by pairs of images: what Ada-GVAE, Ada-ML-VAE, GVAE and ML-VAE have in common."""

import tensorflow as tf

from tfdis import ops
from tfdis.models.batch_kind import BatchKind
from tfdis.models.vae import VAE
from tfdis.objectives import KL


class PairVAE(VAE):
    """Base of VAEs that learn from pairs `[batch, 2, height, width, channels]`.

    The posteriors of the latents that a pair shares are replaced by their average; reconstruction, KL
    and every further term are means over both images of all pairs, on these posteriors. Terms are
    called with the 2 * batch images, the two of a pair side by side.

    Subclasses implement `shared_mask` and set `average`.

    Args:
      beta: weight of the KL divergence, 0 or more; a number or a schedule.
      **kwargs: as `VAE`.

    Raises:
      ValueError: a negative beta.
    """

    batch_kind = BatchKind.PAIRS
    # "gvae" or "mlvae"; see `tfdis.ops.average_posteriors`.
    average = "gvae"

    def __init__(self, beta=1.0, **kwargs):
        super().__init__(own_terms=[KL(beta)], **kwargs)

    def shared_mask(self, first, second, labels) -> tf.Tensor:
        """Which latents each pair shares: boolean `[batch, latent]`.

        Args:
          first: (mean, log_var) of the first images of the pairs.
          second: those of the second images.
          labels: for `BatchKind.LABELLED_PAIRS`: boolean `[batch, factors]`, which factors differ.
        """
        raise NotImplementedError

    def outputs(self, x, step, labels=None, training=False):
        return super().outputs(self._side_by_side(x), step, labels, training)

    def infer(self, x, labels, training):
        mean, log_var = super().infer(x, labels, training)
        first, second = (mean[0::2], log_var[0::2]), (mean[1::2], log_var[1::2])
        shared = self.shared_mask(first, second, labels)
        averages = ops.average_posteriors(*first, *second, self.average)
        both = [
            tf.stack([tf.where(shared, average, own) for own in owns], axis=1)
            for average, *owns in zip(averages, first, second, strict=True)
        ]
        mean, log_var = (tf.reshape(value, [-1, self.latent_dim]) for value in both)
        return mean, log_var

    def _side_by_side(self, x):
        if x.shape.rank != 5 or x.shape[1] != 2:
            raise ValueError(
                f"{type(self).__name__} learns from pairs. Expected batches of shape [batch, 2, "
                f"{', '.join(str(size) for size in self.image_shape)}]. Received: {x.shape}. Use "
                "tfdis.data.streams.pairs.pair_stream."
            )
        return tf.reshape(x, [-1, *self.image_shape])
