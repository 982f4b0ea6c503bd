"""The conditional VAE."""

from tfdis import registry
from tfdis.models import condition
from tfdis.models.labelled_vae import LabelledVAE
from tfdis.objectives import KL


@registry.model("cvae")
class CVAE(LabelledVAE):
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

    def __init__(
        self,
        factor_sizes,
        label_factors=condition.DEFAULT_LABEL_FACTORS,
        beta=1.0,
        factor_names=None,
        **kwargs,
    ):
        super().__init__(own_terms=[KL(beta)], **kwargs)

    @classmethod
    def encoder_input_shape(cls, image_shape, **options):
        height, width, channels = image_shape
        return height, width, channels + condition.num_classes_of(options)

    def build_encoder(self, encoder):
        if isinstance(encoder, condition.ConditionalEncoder):
            return encoder
        return condition.ConditionalEncoder(super().build_encoder(encoder), self.classes)

    def infer(self, x, labels, training):
        return self.encoder(x, self.one_hot(labels), training=training)

    def generate(self, z, x, labels, training):
        return self.decoder(z, self.one_hot(labels), training=training)

    def extra_signatures(self):
        images, _, given = condition.specs(self)

        def conditional_encoder(images, condition):
            mean, log_var = self.encoder(images, condition, training=False)
            return {"mean": mean, "logvar": log_var}

        specs = {"images": images, "condition": given}
        return super().extra_signatures() | {"conditional_encoder": (conditional_encoder, specs)}
