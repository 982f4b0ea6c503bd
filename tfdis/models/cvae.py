"""The conditional VAE."""

from tfdis import registry
from tfdis.models import condition
from tfdis.models.batch_kind import BatchKind
from tfdis.models.vae import VAE
from tfdis.objectives import KL


@registry.model("cvae")
class CVAE(VAE):
    """Conditional VAE: log p(x|z,c) - beta KL(q(z|x,c) || p(z)), c the one-hot label; gin: `@cvae()`.

    The encoder sees the label as further channels of the image (`ConditionalEncoder`), the decoder sees
    [z; c]. It trains on batches (images, factors). Called without labels, as by the exported
    signatures that know images alone, encoder and decoder take the label as unknown: the condition is
    uniform over the classes, which training never shows them. `extra_signatures` take labels.

    Args:
      factor_sizes: number of values of every ground-truth factor; in gin, the data set's.
      label_factors: positions or names of the ground-truth factors that are the label.
      beta: weight of the KL divergence, 0 or more; a number or a schedule.
      factor_names: their names; in gin, the data set's.
      encoder: as `VAE`; a Keras model has to take images with one more channel a class.
      decoder: as `VAE`; a Keras model has to take latents followed by the classes.
      **kwargs: as `VAE`.

    Raises:
      ValueError: a negative beta, or label factors that are not the data set's.

    References:
      Learning Structured Output Representation using Deep Conditional Generative Models. Kihyuk Sohn,
      Honglak Lee, Xinchen Yan. 2015. NeurIPS.
      Variational Learning with Disentanglement-PyTorch. Amir H. Abdi, Purang Abolmaesumi, Sidney Fels.
      2019. arXiv:1912.05184 (how the label enters the networks).
    """

    batch_kind = BatchKind.LABELLED

    def __init__(
        self,
        factor_sizes,
        label_factors=condition.DEFAULT_LABEL_FACTORS,
        beta=1.0,
        factor_names=None,
        **kwargs,
    ):
        super().__init__(own_terms=[KL(beta)], **kwargs)

    @property
    def classes(self):
        """(position, number of values) of each factor that is a label."""
        return condition.label_classes(self.factor_sizes, self.label_factors, self.factor_names)

    @classmethod
    def encoder_input_shape(cls, image_shape, **options):
        height, width, channels = image_shape
        return height, width, channels + condition.num_classes_of(options)

    @classmethod
    def decoder_input_size(cls, latent_dim, **options):
        return latent_dim + condition.num_classes_of(options)

    def build_encoder(self, encoder):
        if isinstance(encoder, condition.ConditionalEncoder):
            return encoder
        return condition.ConditionalEncoder(super().build_encoder(encoder), self.classes)

    def build_decoder(self, decoder):
        if isinstance(decoder, condition.ConditionalDecoder):
            return decoder
        return condition.ConditionalDecoder(super().build_decoder(decoder), self.classes)

    def infer(self, x, labels, training):
        condition.check_labels(type(self).__name__, labels, len(self.factor_sizes))
        return self.encoder(x, condition.one_hot(labels, self.classes), training=training)

    def generate(self, z, x, labels, training):
        return self.decoder(z, condition.one_hot(labels, self.classes), training=training)

    def extra_signatures(self):
        images, z, given = condition.specs(self)

        def conditional_encoder(images, condition):
            mean, log_var = self.encoder(images, condition, training=False)
            return {"mean": mean, "logvar": log_var}

        def conditional_decoder(latent_vectors, condition):
            return {"images": self.decoder(latent_vectors, condition, training=False)}

        return {
            "conditional_encoder": (conditional_encoder, {"images": images, "condition": given}),
            "conditional_decoder": (
                conditional_decoder,
                {"latent_vectors": z, "condition": given},
            ),
        }
