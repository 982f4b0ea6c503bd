"""The information-factorising conditional VAE."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfdis import objectives, registry
from tfdis.data.label_factors import DEFAULT_LABEL_FACTORS
from tfdis.models import condition
from tfdis.models.label_networks import build_label_discriminator, build_label_encoder
from tfdis.models.labelled_vae import LabelledDecoderVAE
from tfdis.objectives import ReconstructionLoss


@registry.model("ifcvae")
class IFCVAE(LabelledDecoderVAE):
    """Conditional VAE that keeps the label out of z; gin: `@ifcvae()`.

    With y_hat = softmax(label_encoder(x)), taken as a constant, and x_hat decoded from [z; y_hat]:

      encoder, decoder: -log p(x|z, y_hat) + beta KL + w_l CE(label_encoder(x_hat), y) - w_a CE(D(z), y)
      label encoder:    w_l CE(label_encoder(x), y)
      adversary D:      CE(D(z), y)

    The three are updated once in each step, from gradients at the same weights; each loss changes
    its own networks alone. With `learns_from_reconstructions` the order is that of the published
    code: y_hat is taken, the label encoder is stepped on CE(label_encoder(x), y), and then the
    losses are taken, of which it also minimises w_l CE(label_encoder(x_hat), y) in a second step of
    its optimiser. (That code gives it, the encoder and the decoder one optimiser; in PyTorch before
    2.0 its first step also moves these by their momentum, which is not done here.) The encoder sees
    images alone; without a condition the decoder takes the label as unknown (uniform over the
    classes). Exported reconstructions use the label encoder's prediction.

    Args:
        factor_sizes: numbers of values of all ground-truth factors; in gin, the data set's.
        label_factors: positions or names of the ground-truth factors that are the label.
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        label_weight: w_l, 0 or more.
        adversarial_weight: w_a, 0 or more.
        learns_from_reconstructions: whether the label encoder is stepped first and learns from
            reconstructions, too.
        factor_names: names of the factors; in gin, the data set's.
        label_encoder: Keras model from images to logits; see `build_label_encoder`.
        label_discriminator: Keras model from codes to logits; see `build_label_discriminator`.
        discriminator_optimizer: Keras optimiser of D; a copy of it is that of the label encoder; by
            default Adam(1e-4).
        reconstruction_loss: as for `VAE`.
        image_shape: as for `VAE`.
        latent_dim: as for `VAE`.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, or label factors that are not the data set's.

    References:
        Creswell et al. (2017), "Adversarial Information Factorization". arXiv:1711.05175.
        Abdi et al. (2019), "Variational Learning with Disentanglement-PyTorch". arXiv:1912.05184
        (IFCVAE and its weights).
    """

    def __init__(
        self,
        factor_sizes: Sequence[int],
        label_factors: Sequence[int | str] = DEFAULT_LABEL_FACTORS,
        beta: float | Callable = 5.0,
        label_weight: float | Callable = 1.0,
        adversarial_weight: float | Callable = 20.0,
        learns_from_reconstructions: bool = False,
        factor_names: Sequence[str] | None = None,
        label_encoder: keras.Model | None = None,
        label_discriminator: keras.Model | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        reconstruction_loss: ReconstructionLoss | None = None,
        image_shape: Sequence[int] = (64, 64, 1),
        latent_dim: int = 10,
        **kwargs,
    ):
        num_classes = condition.num_classes(self.classes)
        reconstruction_loss = reconstruction_loss or objectives.BernoulliLoss()
        optimizer = discriminator_optimizer or keras.optimizers.Adam(1e-4, epsilon=1e-8)
        own_terms = [
            objectives.KL(beta),
            objectives.ReconstructedLabel(
                label_weight,
                label_encoder or build_label_encoder(image_shape, num_classes),
                type(optimizer).from_config(optimizer.get_config()),
                self.classes,
                reconstruction_loss.images,
                learns_from_reconstructions,
            ),
            objectives.AdversarialLabel(
                adversarial_weight,
                label_discriminator or build_label_discriminator(latent_dim, num_classes),
                optimizer,
                self.classes,
            ),
        ]
        super().__init__(
            own_terms=own_terms,
            reconstruction_loss=reconstruction_loss,
            image_shape=image_shape,
            latent_dim=latent_dim,
            **kwargs,
        )

    def predict_condition(self, images: tf.Tensor) -> tf.Tensor:
        """y_hat: probabilities `[batch, classes]` of the label, predicted from images."""
        label_encoder = self.trained_terms[0].network
        return condition.softmax(label_encoder(images, training=False), self.classes)

    def infer(
        self, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        condition.check_labels(type(self).__name__, labels, len(self.factor_sizes))
        return super().infer(x, labels, training)

    def generate(
        self, z: tf.Tensor, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tf.Tensor:
        predicted = tf.stop_gradient(self.predict_condition(x))
        return self.decoder(z, predicted, training=training)

    def extra_signatures(self) -> dict:
        images, _, _ = condition.specs(self)

        def label_encoder(images):
            return {"condition": self.predict_condition(images)}

        def reconstructions(images):
            mean, log_var = self.encoder(images, training=False)
            z = mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))
            return {"images": self.decoder(z, self.predict_condition(images), training=False)}

        return super().extra_signatures() | {
            "label_encoder": (label_encoder, {"images": images}),
            "reconstructions": (reconstructions, {"images": images}),
        }

    def get_config(self, **built: Any) -> dict:
        label, adversary = self.trained_terms[:2]
        return super().get_config(
            label_encoder=label.network,
            label_discriminator=adversary.network,
            discriminator_optimizer=adversary.optimizer,
            **built,
        )
