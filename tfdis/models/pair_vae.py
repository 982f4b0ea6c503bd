"""Weak supervision by pairs of images: the common part of Ada-GVAE, Ada-ML-VAE, GVAE and ML-VAE."""

from collections.abc import Callable

import tensorflow as tf

from tfdis import ops
from tfdis.models.side_by_side import SideBySideVAE
from tfdis.objectives import KL


class PairVAE(SideBySideVAE):
    """Base of VAEs that learn which latents the two images of a pair share.

    The posteriors of the latents that a pair shares are replaced by their average; reconstruction, KL
    and every further term are means over both images of all pairs, on these posteriors.

    Subclasses implement `shared_mask` and set `average`.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta.
    """

    # "gvae" or "mlvae"; see `tfdis.ops.average_posteriors`.
    average = "gvae"

    def __init__(self, beta: float | Callable = 1.0, **kwargs):
        super().__init__(own_terms=[KL(beta)], **kwargs)

    def shared_mask(
        self,
        first: tuple[tf.Tensor, tf.Tensor],
        second: tuple[tf.Tensor, tf.Tensor],
        labels: tf.Tensor | None,
    ) -> tf.Tensor:
        """Which latents each pair shares: boolean `[batch, latent]`.

        Args:
            first: (mean, log_var) of the first images of the pairs.
            second: (mean, log_var) of the second images of the pairs.
            labels: boolean `[batch, factors]`, which factors differ; only for
                `BatchKind.LABELLED_PAIRS`.
        """
        raise NotImplementedError

    def infer(
        self, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
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
