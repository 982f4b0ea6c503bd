"""The variational autoencoder: networks, a reconstruction loss and a list of terms."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Self

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdis import networks, objectives, registry
from tfdis.models.batch_kind import BatchKind
from tfdis.models.controls import Controls
from tfdis.models.entry import check_images
from tfdis.models.posterior import draw, gaussian
from tfdis.models.step_counting import check_step_counting
from tfdis.models.trained_by_terms import TrainedByTerms
from tfdis.objectives.configurable import Saved


@keras.saving.register_keras_serializable(package="tfdis")
class VAE(Saved, TrainedByTerms):
    """Variational autoencoder whose loss is reconstruction + the sum of its terms.

    loss = mean_x [-log p(x|z)] + sum_k weight_k * term_k,  z ~ q(z|x) = N(mean, diag exp(log_var))

    Sums run over pixels and latents, means over the batch; `Controls` says how the options capacity,
    beta_normalisation and reconstruction_weight change that. The sample z is a pure function of `seed`
    and of the optimiser's step, so a resumed run draws what an uninterrupted one would have drawn.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: number of latents, at least 1.
        encoder: name of a registered encoder, a function like `tfdis.networks.conv_encoder`, or a
            Keras model `images -> (mean, log_var)`.
        decoder: name of a registered decoder, a function like `tfdis.networks.deconv_decoder`, or a
            Keras model `z -> logits`.
        reconstruction_loss: a `tfdis.objectives.ReconstructionLoss`; Bernoulli by default.
        terms: list of `tfdis.objectives.Term`. By default [KL()], the ELBO; a given list is the
            whole regulariser of `VAE`, and is added to the own terms of its subclasses.
        seed: an integer, the seed of the posterior samples.
        capacity: number or schedule C, in nats: |KL - C| is minimised in place of the KL
            divergence.
        capacity_per_image: whether that absolute value is taken for every image rather than of the
            batch mean.
        beta_normalisation: whether means over pixels and latents replace the sums.
        reconstruction_weight: number or schedule that weighs the reconstruction.
        dataset_size: number of images of the data set, for the logged estimates that depend on it
            (total correlation); None takes the batch for the whole data set. In gin, the data
            set's.
        step_counting: what a schedule counts as steps, "updates" or "dlib"; see `steps_per_update`.
        own_terms: terms that make the published model; for subclasses.
        **kwargs: keyword arguments of `keras.Model`: name, dtype.

    Raises:
        ValueError: latent_dim below 1, a bad image shape, an unknown network or step counting, or
            terms and options that do not go together (see `Controls.check`).

    Example:
        >>> model = VAE(image_shape=(64, 64, 1), latent_dim=10)
        >>> model.compile(optimizer="adam")
        >>> history = model.fit(tf.zeros([8, 64, 64, 1]), batch_size=4, verbose=0)
        >>> sorted(history.history)
        ['elbo', 'kl_loss', 'loss', 'reconstruction_loss', 'regularizer']

    References:
        Kingma and Welling (2014), "Auto-Encoding Variational Bayes", ICLR. arXiv:1312.6114.
    """

    given_by_subclasses = ("own_terms",)

    # Arguments that the training root gives to every model that asks for them; they are not gin's.
    given_by_the_root = (
        "image_shape",
        "latent_dim",
        "encoder",
        "decoder",
        "reconstruction_loss",
        "seed",
        "step_counting",
        "discriminator",
        "discriminator_optimizer",
        "factor_sizes",
        "factor_names",
    )

    batch_kind = BatchKind.IMAGES

    def __new__(cls, *args, **kwargs) -> Self:
        """Keeps the options that a subclass adds as attributes, so that it need not name them again.

        Networks and optimisers are left to the terms that train them.
        """
        model = super().__new__(cls, *args, **kwargs)
        common = registry.parameters_of(VAE)
        for name, value in registry.arguments_of(cls, *args, **kwargs).items():
            if name not in common and not isinstance(value, keras.Layer | keras.Optimizer):
                setattr(model, name, value)
        return model

    def __init__(
        self,
        image_shape: Sequence[int] = (64, 64, 1),
        latent_dim: int = 10,
        encoder: str | Callable | keras.Model = "conv_encoder",
        decoder: str | Callable | keras.Model = "deconv_decoder",
        reconstruction_loss: objectives.ReconstructionLoss | None = None,
        terms: Sequence[objectives.Term] | None = None,
        seed: int = 0,
        capacity: Callable | float | None = None,
        capacity_per_image: bool = False,
        beta_normalisation: bool = False,
        reconstruction_weight: Callable | float = 1.0,
        dataset_size: int | None = None,
        step_counting: str = "updates",
        own_terms: Sequence[objectives.Term] | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = networks.check_image_shape(image_shape)
        self.latent_dim = latent_dim
        self.encoder = self.build_encoder(encoder)
        self.decoder = self.build_decoder(decoder)
        self.reconstruction_loss = reconstruction_loss or objectives.BernoulliLoss()
        self.seed = seed
        self.dataset_size = dataset_size
        self.step_counting = check_step_counting(step_counting)
        self.controls = Controls(
            capacity, capacity_per_image, beta_normalisation, reconstruction_weight
        )
        if own_terms is None:
            own_terms = [objectives.KL()] if terms is None else []
        built = [self._with_network(term) for term in [*own_terms, *(terms or [])]]
        self.controls.check(type(self).__name__, built, self.batch_kind, self.is_quantised)
        self.terms = built
        self.extra_terms = None if terms is None else built[len(own_terms) :]
        self.set_up_training()
        self.built = True

    def build_encoder(self, encoder: str | Callable | keras.Model) -> keras.Model:
        """Builds the encoder from a name or a function; a Keras model is taken as it is."""
        arguments = self._arguments()
        shape = self.encoder_input_shape(**arguments)
        return networks.build_encoder(encoder, shape, self.encoder_output_size(**arguments))

    def build_decoder(self, decoder: str | Callable | keras.Model) -> keras.Model:
        """Builds the decoder in the same way as `build_encoder`."""
        num_inputs = self.decoder_input_size(**self._arguments())
        return networks.build_decoder(decoder, self.image_shape, num_inputs)

    @classmethod
    def encoder_input_shape(
        cls, image_shape: Sequence[int], **options: Any
    ) -> tuple[int, int, int]:
        """Shape of the images that the encoder's network sees; `options` are constructor arguments."""
        del options
        return tuple(image_shape)

    @classmethod
    def encoder_output_size(cls, latent_dim: int, **options: Any) -> int:
        """Number of values that the encoder's network gives; `options` are constructor arguments."""
        del options
        return latent_dim

    @classmethod
    def decoder_input_size(cls, latent_dim: int, **options: Any) -> int:
        """Number of values that the decoder's network sees; `options` are constructor arguments."""
        del options
        return latent_dim

    @classmethod
    def discriminator_input_size(cls, latent_dim: int, **options: Any) -> int:
        """Number of values that a discriminator of the code sees; `options` are constructor arguments."""
        del options
        return latent_dim

    def encode(self, images: tf.Tensor) -> tfp.distributions.Distribution:
        """Posterior q(z|x) of images `[batch, height, width, channels]`, a diagonal Gaussian."""
        check_images(self, images)
        mean, log_var = self.encoder(images)
        return gaussian(self.code(mean), log_var)

    def code(self, mean: tf.Tensor) -> tf.Tensor:
        """The code `[batch, latent]` that stands for an image: the mean; quantised models round it."""
        return mean

    def decode(self, z: tf.Tensor) -> tf.Tensor:
        """Images in [0, 1] decoded from latents `[batch, latent]`."""
        return self.reconstruction_loss.images(self.decoder(z))

    @property
    def prior(self) -> tfp.distributions.Distribution:
        """The prior p(z): N(0, I), or the learned one, N(0, diag 1/alpha), of a `LearnedPriorKL` term."""
        learned = [t for t in self.terms if isinstance(t, objectives.LearnedPriorKL)]
        log_var = -learned[0].log_precision if learned else tf.zeros([self.latent_dim])
        return gaussian(tf.zeros_like(log_var), log_var)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> dict[str, tf.Tensor]:
        """Encodes, and decodes the posterior mean, without randomness.

        Args:
            inputs: images `[batch, height, width, channels]`.
            training: flag of Keras that is passed to the networks.

        Returns:
            Dictionary of `mean` and `log_var` `[batch, latent]` and `reconstruction` (logits).
        """
        mean, log_var = self.encoder(inputs, training=training)
        return {
            "mean": mean,
            "log_var": log_var,
            "reconstruction": self.decoder(self.code(mean), training=training),
        }

    def export(
        self,
        filepath: str,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Sequence | None = None,
        **kwargs,
    ) -> None:
        """As in Keras; `call` is exported for batches of images, even if it was never called before."""
        if input_signature is None:
            images = keras.layers.InputSpec(shape=(None, *self.image_shape), dtype="float32")
            input_signature = [images]
        super().export(filepath, format, verbose, input_signature, **kwargs)

    def outputs(
        self,
        x: tf.Tensor,
        step: tf.Tensor,
        labels: tf.Tensor | None = None,
        training: bool | None = False,
        labelled: tuple[tf.Tensor, tf.Tensor] | None = None,
    ) -> objectives.Outputs:
        """Runs the model on a batch with a sampled z, as in training; every term is given the result.

        Args:
            x: images, or pairs of them.
            step: scalar int64, the position in the stream of posterior samples.
            labels: ground-truth factors of x, for models and terms that need them.
            training: as in Keras, passed to the networks.
            labelled: images and labels of the step's labelled batch, for terms that need one.
        """
        x = tf.cast(x, tf.float32)  # Keras leaves streams of other floats as they are.
        mean, log_var = self.infer(x, labels, training)
        z, quantised = self.sample(mean, log_var, step, training)
        return objectives.Outputs(
            x=x,
            reconstruction=self.generate(z, x, labels, training),
            posterior=gaussian(mean, log_var),
            mean=mean,
            log_var=log_var,
            z=z,
            step=step,
            labels=labels,
            dataset_size=self.dataset_size,
            labelled=self._labelled_codes(labelled, training),
            quantised=quantised,
        )

    def _labelled_codes(self, labelled, training):
        """Codes of labelled images, which the encoder sees alone, as after training."""
        if labelled is None:
            return None
        images, labels = labelled
        mean, _ = self.encoder(tf.cast(images, tf.float32), training=training)
        return objectives.LabelledCodes(mean, labels)

    def infer(
        self, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and log variance of the posterior in training.

        A model that uses labels or pairs here overrides it.
        """
        return self.encoder(x, training=training)

    def sample(
        self, mean: tf.Tensor, log_var: tf.Tensor, step: tf.Tensor, training: bool | None
    ) -> tuple[tf.Tensor, objectives.QuantisedCodes | None]:
        """The z of a batch: a draw of the posterior; quantised models override it and say more."""
        return draw(mean, log_var, self.seed, step), None

    def generate(
        self, z: tf.Tensor, x: tf.Tensor, labels: tf.Tensor | None, training: bool | None
    ) -> tf.Tensor:
        """Decoded logits in training; a model whose decoder sees more than z overrides it."""
        return self.decoder(z, training=training)

    def extra_signatures(self) -> dict[str, tuple[Callable, dict[str, tf.TensorSpec]]]:
        """Signatures that this model exports besides, or in place of, those of every VAE.

        Returns:
            For each name a pair: a function of tensors by keyword that returns a dictionary of
            tensors, and their specifications.
        """
        return {}

    @property
    def scales(self) -> tuple[float, float]:
        """Divisors of the reconstruction and of the regulariser in the loss."""
        return self.controls.scales(self.image_shape, self.latent_dim)

    def losses_of(self, outputs: objectives.Outputs) -> dict[str, tf.Tensor]:
        """Returns the loss and its parts, scalars: what is minimised and what is logged.

        `loss` = `reconstruction_loss` + `regularizer`; `elbo` = -(reconstruction_loss + kl_loss),
        less what the loss leaves out of -log p(x|z); every term is logged, unweighted, under its
        own name. `Controls` change `loss` and `regularizer` alone.
        """
        outputs = self.controls.bound(outputs)
        reconstruction = tf.reduce_mean(self.reconstruction_loss(outputs.x, outputs.reconstruction))
        regularizer = tf.zeros([])
        values = {}
        for term in self.terms:
            values[term.name], weighted = term(outputs)
            regularizer += weighted
        left_out = tf.reduce_mean(self.reconstruction_loss.left_out(outputs.x))
        kl = values.pop("kl") if "kl" in values else outputs.kl
        num_pixels, num_latents = self.scales
        regularizer /= num_latents
        weight = objectives.at_step(self.controls.reconstruction_weight, outputs.step)
        return {
            "loss": weight * reconstruction / num_pixels + regularizer,
            "reconstruction_loss": reconstruction,
            "kl_loss": kl,
            "elbo": -(reconstruction + kl + left_out),
            "regularizer": regularizer,
            **values,
        }

    def get_config(self, **built: Any) -> dict:
        return super().get_config(terms=self.extra_terms, **vars(self.controls), **built)

    def _arguments(self):
        names = registry.parameters_of(type(self))
        return {name: getattr(self, name, None) for name in names}

    def _with_network(self, term):
        """The term fitted to the latents, with the discriminator built that it names."""
        term = term.fitted(self.latent_dim)
        if not isinstance(term, objectives.TrainedTerm) or isinstance(term.network, keras.Model):
            return term
        term = copy.copy(term)
        num_inputs = self.discriminator_input_size(**self._arguments())
        term.network = networks.build_discriminator(term.network, num_inputs)
        return term
