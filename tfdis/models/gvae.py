"""The group VAE with known groups."""

import tensorflow as tf

from tfdis import registry
from tfdis.models.batch_kind import BatchKind
from tfdis.models.pair_vae import PairVAE


@registry.model("gvae")
class GVAE(PairVAE):
    """GVAE: pairs of images that are known to share factors; gin: `@gvae()`.

    Latent j stands for ground-truth factor j: it is shared unless that factor differs. Latents beyond
    the number of factors are always shared. The means and the variances of shared latents are averaged.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta; in training, batches without labels or fewer latents than
            factors.

    References:
        Hosoya (2019), "Group-based Learning of Disentangled Representations with Generalizability
        for Novel Contents", IJCAI.
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886 (group-supervised baselines).
    """

    batch_kind = BatchKind.LABELLED_PAIRS
    average = "gvae"

    def shared_mask(
        self,
        first: tuple[tf.Tensor, tf.Tensor],
        second: tuple[tf.Tensor, tf.Tensor],
        labels: tf.Tensor | None,
    ) -> tf.Tensor:
        num_factors = None if labels is None else labels.shape[1]
        if num_factors is None or num_factors > self.latent_dim:
            received = "no labels" if labels is None else f"labels of {num_factors} factors"
            raise ValueError(
                f"{type(self).__name__} is told which factors of a pair differ. Expected batches (pairs, "
                f"differing [batch, factors]) of at most {self.latent_dim} factors, one for each latent. "
                f"Received: {received}. Use pair_stream(..., with_differing=True), or more latents."
            )
        further = self.latent_dim - num_factors
        return tf.logical_not(tf.pad(tf.cast(labels, tf.bool), [[0, 0], [0, further]]))
