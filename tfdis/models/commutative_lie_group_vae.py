"""The commutative Lie group VAE."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdis import objectives, ops, registry
from tfdis.models.lie_group import GroupDecoder, GroupEncoder
from tfdis.models.posterior import draw, gaussian
from tfdis.models.vae import VAE
from tfdis.objectives.lie_group_terms import GroupOutputs

DEFAULT_MATRIX_SIZE = 10
# Sets the choice of a batch's code apart from other draws at the same seed and step.
_STREAM = 0x4C4945


@registry.model("commutative_lie_group_vae")
class CommutativeLieGroupVAE(VAE):
    """Codes are coordinates of a matrix group, G = exp(sum_i z_i A_i); gin: `@commutative_lie_group_vae()`.

      loss = R + beta KL + feature_weight mean ||E(x) - G||^2
             + hessian_weight sum_{i != j} ||A_i A_j||^2 / d^2 + commutator_weight sum_ij ||[A_i, A_j]||^2 / d^2

    for d latents. The decoder sees G, flat; the encoder makes features E of the same shape and from them
    the posterior. In a share of the training steps R decodes E in place of G.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        hessian_weight: weight of the generators' products, 0 or more; the authors' is 40 for
            dSprites and 20 for 3D Shapes.
        commutator_weight: weight of the commutators, 0 or more; the authors' is 0.
        commutator_form: "true", or "code" for what the published code has; see `Commutator`.
        feature_weight: weight of the distance of E from G, 0 or more.
        feature_share: share of the training steps that decode E, from 0 to 1.
        matrix_size: number of rows of the group's matrices; the authors' is 10 for dSprites and 20
            for 3D Shapes.
        latent_dim: number of latents.
        **kwargs: further arguments of `VAE`. A Keras model as encoder has to have matrix_size^2
            outputs, one as decoder so many inputs.

    Raises:
        ValueError: a negative weight, an unknown form, or a feature_share outside of [0, 1].

    References:
        Zhu et al. (2021), "Commutative Lie Group VAE for Disentanglement Learning", ICML.
        arXiv:2106.03375.
    """

    def __init__(
        self,
        beta: float | Callable = 1.0,
        hessian_weight: float | Callable = 40.0,
        commutator_weight: float | Callable = 0.0,
        commutator_form: str = "true",
        feature_weight: float | Callable = 0.1,
        feature_share: float = 0.2,
        matrix_size: int = DEFAULT_MATRIX_SIZE,
        latent_dim: int = 10,
        **kwargs,
    ):
        if not 0 <= feature_share <= 1 or matrix_size < 1:
            raise ValueError(
                "CommutativeLieGroupVAE: expected feature_share from 0 to 1 and matrix_size of at least 1. "
                f"Received: feature_share={feature_share!r}, matrix_size={matrix_size!r}."
            )
        own_terms = [
            objectives.KL(beta),
            objectives.GroupFeatures(feature_weight),
            objectives.GeneratorProducts(hessian_weight),
            objectives.Commutator(commutator_weight, commutator_form),
        ]
        super().__init__(own_terms=own_terms, latent_dim=latent_dim, **kwargs)

    @classmethod
    def encoder_output_size(cls, latent_dim: int, **options: Any) -> int:
        return options.get("matrix_size", DEFAULT_MATRIX_SIZE) ** 2

    @classmethod
    def decoder_input_size(cls, latent_dim: int, **options: Any) -> int:
        return options.get("matrix_size", DEFAULT_MATRIX_SIZE) ** 2

    def build_encoder(self, encoder: str | Callable | keras.Model) -> keras.Model:
        if isinstance(encoder, GroupEncoder):
            return encoder
        return GroupEncoder(super().build_encoder(encoder), self.latent_dim)

    def build_decoder(self, decoder: str | Callable | keras.Model) -> keras.Model:
        if isinstance(decoder, GroupDecoder):
            return decoder
        return GroupDecoder(super().build_decoder(decoder), self.latent_dim)

    def outputs(
        self,
        x: tf.Tensor,
        step: tf.Tensor,
        labels: tf.Tensor | None = None,
        training: bool | None = False,
        labelled: tuple[tf.Tensor, tf.Tensor] | None = None,
    ) -> objectives.Outputs:
        x = tf.cast(x, tf.float32)
        features = self.encoder.features(x, training)
        mean, log_var = self.encoder.heads(features)
        z = draw(mean, log_var, self.seed, step)
        elements = self.decoder.group(z)
        features = tf.reshape(tf.cast(features, tf.float32), tf.shape(elements))
        decoded = self._of_step(features, elements, step) if training else elements
        return GroupOutputs(
            x=x,
            reconstruction=self.decoder.decode_elements(decoded, training),
            posterior=gaussian(mean, log_var),
            mean=mean,
            log_var=log_var,
            z=z,
            step=step,
            labels=labels,
            dataset_size=self.dataset_size,
            labelled=self._labelled_codes(labelled, training),
            features=features,
            elements=elements,
            generators=tf.convert_to_tensor(self.decoder.group.generators),
        )

    def _of_step(self, features, elements, step):
        """What a training step decodes: the features or the elements of the whole batch."""
        chosen = tf.random.stateless_uniform([], ops.seed_at(self.seed, step, _STREAM))
        return tf.where(chosen < self.feature_share, features, elements)
