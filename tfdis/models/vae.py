"""The variational autoencoder: networks, a reconstruction loss and a list of terms."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdis import networks, objectives
from tfdis.models.statistics import StepStatistics
from tfdis.networks import registry as network_registry

_SEED_SPACE = 2**31 - 1


@keras.saving.register_keras_serializable(package="tfdis")
class VAE(keras.Model):
    """Variational autoencoder whose loss is reconstruction + the sum of its terms.

    loss = mean_x [-log p(x|z)] + sum_k weight_k * term_k,  z ~ q(z|x) = N(mean, diag exp(log_var))

    Sums run over pixels and latents, means over the batch. The sample z is a pure function of `seed`
    and of the optimiser's step, so a resumed run draws what an uninterrupted one would have drawn.

    Args:
      image_shape: (height, width, channels) of the images.
      latent_dim: number of latents, at least 1.
      encoder: name of a registered encoder, a function as `tfdis.networks.conv_encoder`, or a Keras
        model `images -> (mean, log_var)`.
      decoder: name of a registered decoder, a function as `tfdis.networks.deconv_decoder`, or a Keras
        model `z -> logits`.
      reconstruction_loss: a `tfdis.objectives.ReconstructionLoss`; Bernoulli by default.
      terms: list of `tfdis.objectives.Term`. By default [KL()], the ELBO; a given list is the whole
        regulariser of `VAE`, and is added to the own terms of its subclasses.
      seed: integer; the stream of posterior samples.
      own_terms: for subclasses: the terms that make the published model.
      hyperparameters: for subclasses: their constructor arguments, kept as attributes and in the
        configuration.
      **kwargs: of `keras.Model`: name, dtype.

    Raises:
      ValueError: latent_dim below 1, a bad image shape, an unknown network, or two terms of one name.

    Example:
      >>> model = VAE(image_shape=(64, 64, 1), latent_dim=10)
      >>> model.compile(optimizer="adam")
      >>> history = model.fit(tf.zeros([8, 64, 64, 1]), batch_size=4, verbose=0)
      >>> sorted(history.history)
      ['elbo', 'kl_loss', 'loss', 'reconstruction_loss', 'regularizer']

    References:
      Auto-Encoding Variational Bayes. Diederik P. Kingma, Max Welling. 2014. arXiv:1312.6114.
    """

    # What a training batch is: "images", "labelled" (images, factors) or "pairs" (see data/pairs.py).
    batch_kind = "images"
    # 2 for models that need a second, independent batch in every step.
    batches_per_step = 1

    def __init__(
        self,
        image_shape: Sequence[int] = (64, 64, 1),
        latent_dim: int = 10,
        encoder: str | Callable | keras.Model = "conv_encoder",
        decoder: str | Callable | keras.Model = "deconv_decoder",
        reconstruction_loss: objectives.ReconstructionLoss | None = None,
        terms: Sequence[objectives.Term] | None = None,
        seed: int = 0,
        own_terms: Sequence[objectives.Term] | None = None,
        hyperparameters: dict | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_shape = networks.check_image_shape(image_shape)
        self.latent_dim = latent_dim
        self.encoder = self._network(encoder, network_registry.ENCODERS, networks.build_encoder)
        self.decoder = self._network(decoder, network_registry.DECODERS, networks.build_decoder)
        self.reconstruction_loss = reconstruction_loss or objectives.BernoulliLoss()
        self.seed = seed
        if own_terms is None:
            own_terms = [objectives.KL()] if terms is None else []
        self.extra_terms = terms
        self.terms = [*own_terms, *(terms or [])]
        _check_names(self.terms)
        self.hyperparameters = dict(hyperparameters or {})
        for name, value in self.hyperparameters.items():
            setattr(self, name, value)
        self._track_parts()
        self.statistics = StepStatistics(self._statistic_names())
        # Keras's jit_compile="auto" asks this: XLA pays on GPU; on CPU plain graphs are faster.
        self.supports_jit = bool(tf.config.list_physical_devices("GPU"))
        self.built = True

    def encode(self, images) -> tfp.distributions.Distribution:
        """Posterior q(z|x) of images `[batch, height, width, channels]`, a diagonal Gaussian."""
        return _posterior(*self.encoder(images))

    def decode(self, z) -> tf.Tensor:
        """Images in [0, 1] decoded from latents `[batch, latent]`."""
        return self.reconstruction_loss.images(self.decoder(z))

    @property
    def prior(self) -> tfp.distributions.Distribution:
        """The prior p(z) = N(0, I)."""
        return _posterior(tf.zeros([self.latent_dim]), tf.zeros([self.latent_dim]))

    def call(self, inputs, training=None) -> dict[str, tf.Tensor]:
        """Encodes, and decodes the posterior mean: no randomness.

        Args:
          inputs: images `[batch, height, width, channels]`.
          training: as in Keras, passed to the networks.

        Returns:
          Dictionary of `mean` and `log_var` `[batch, latent]` and `reconstruction` (logits).
        """
        mean, log_var = self.encoder(inputs, training=training)
        return {
            "mean": mean,
            "log_var": log_var,
            "reconstruction": self.decoder(mean, training=training),
        }

    def outputs(self, x, step, labels=None, training=False) -> objectives.Outputs:
        """Runs the model on a batch with a sampled z, as training does; what every term is given."""
        mean, log_var = self.encoder(x, training=training)
        posterior = _posterior(mean, log_var)
        z = posterior.sample(seed=self._sample_seed(step))
        return objectives.Outputs(
            x=x,
            reconstruction=self.decoder(z, training=training),
            posterior=posterior,
            mean=mean,
            log_var=log_var,
            z=z,
            step=step,
            labels=labels,
        )

    def losses_of(self, outputs: objectives.Outputs) -> dict[str, tf.Tensor]:
        """Returns the loss and its parts, scalars: what is minimised and what is logged.

        `loss` = `reconstruction_loss` + `regularizer`; `elbo` = -(reconstruction_loss + kl_loss);
        every term is logged, unweighted, under its own name.
        """
        reconstruction = tf.reduce_mean(self.reconstruction_loss(outputs.x, outputs.reconstruction))
        regularizer = tf.zeros([])
        values = {}
        for term in self.terms:
            values[term.name], weighted = term(outputs)
            regularizer += weighted
        kl = values.pop("kl") if "kl" in values else outputs.kl
        return {
            "loss": reconstruction + regularizer,
            "reconstruction_loss": reconstruction,
            "kl_loss": kl,
            "elbo": -(reconstruction + kl),
            "regularizer": regularizer,
            **values,
        }

    @property
    def metrics(self):
        return [self.statistics]

    def train_step(self, data):
        x, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        step = tf.cast(self.optimizer.iterations, tf.int64)
        with tf.GradientTape(persistent=bool(self.trained_terms)) as tape:
            outputs, second = self._training_outputs(x, labels, step)
            losses = self.losses_of(outputs)
            scaled = self.optimizer.scale_loss(_per_replica(losses["loss"]))
            own_losses = self._own_losses(outputs, second)
        variables = self.model_variables
        updates = [(self.optimizer, tape.gradient(scaled, variables), variables)]
        for term, (scaled, _) in zip(self.trained_terms, own_losses, strict=True):
            own = term.network.trainable_variables
            updates.append((term.optimizer, tape.gradient(scaled, own), own))
        for optimizer, gradients, changed in updates:
            optimizer.apply(gradients, changed)
        for term, (_, loss) in zip(self.trained_terms, own_losses, strict=True):
            losses[f"{term.name}_network_loss"] = loss
        return self._record(losses)

    def test_step(self, data):
        x, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        step = tf.cast(self.statistics.count, tf.int64)
        outputs = self.outputs(x, step, labels)
        losses = self.losses_of(outputs)
        for term in self.trained_terms:
            losses[f"{term.name}_network_loss"] = term.own_loss(outputs, outputs)
        return self._record(losses)

    @property
    def trained_terms(self) -> list[objectives.TrainedTerm]:
        """The terms that have a network of their own."""
        return [term for term in self.terms if isinstance(term, objectives.TrainedTerm)]

    @property
    def model_variables(self) -> list:
        """Trainable variables that the model's own loss changes: all but those of trained terms."""
        own = {id(v) for term in self.trained_terms for v in term.network.trainable_variables}
        return [v for v in self.trainable_variables if id(v) not in own]

    def _training_outputs(self, x, labels, step):
        """Outputs of the batch and, for models that take two batches a step, of the second one."""
        if self.batches_per_step == 1:
            outputs = self.outputs(x, step, labels, training=True)
            return outputs, outputs
        halves = [
            tf.split(value, 2) if value is not None else (None, None) for value in (x, labels)
        ]
        (x, x_second), (labels, labels_second) = halves
        # The negative step draws other noise than any step of the first batch.
        second = self.outputs(x_second, -1 - step, labels_second, training=True)
        return self.outputs(x, step, labels, training=True), second

    def _own_losses(self, outputs, second):
        losses = [term.own_loss(outputs, second) for term in self.trained_terms]
        return [
            (term.optimizer.scale_loss(_per_replica(loss)), loss)
            for term, loss in zip(self.trained_terms, losses, strict=True)
        ]

    def get_config(self) -> dict:
        config = {
            "name": self.name,
            "image_shape": list(self.image_shape),
            "latent_dim": self.latent_dim,
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "reconstruction_loss": keras.saving.serialize_keras_object(self.reconstruction_loss),
            "seed": self.seed,
            **{
                name: keras.saving.serialize_keras_object(value)
                for name, value in self.hyperparameters.items()
            },
        }
        if self.extra_terms is not None:
            config["terms"] = [keras.saving.serialize_keras_object(t) for t in self.extra_terms]
        return config

    @classmethod
    def from_config(cls, config: dict):
        return cls(**{k: _deserialize(v) for k, v in config.items()})

    def _track_parts(self):
        """Makes attributes of the parts' layers: Keras and checkpoints track those, but no lists."""
        parts = {term.name: term for term in self.terms} | {"reconstruction": self.reconstruction_loss}
        for name, part in parts.items():
            if part.layer is not None:
                setattr(self, f"{name}_layer", part.layer)
        for term in self.trained_terms:
            setattr(self, f"{term.name}_network", term.network)

    def _network(self, network, table, build):
        if isinstance(network, keras.Model):
            return network
        return build(networks.network_fn(table, network), self.image_shape, self.latent_dim)

    def _sample_seed(self, step):
        """Stateless seed `[2]` of one step, different on every replica."""
        replica = tf.distribute.get_replica_context()
        replica_id = replica.replica_id_in_sync_group if replica else 0
        return tf.stack([self.seed % _SEED_SPACE + replica_id * 7919, tf.cast(step, tf.int32)])

    def _statistic_names(self):
        own = [term.name for term in self.terms if term.name != "kl"]
        networks_of_terms = [f"{term.name}_network_loss" for term in self.trained_terms]
        names = ["loss", "reconstruction_loss", "kl_loss", "elbo", "regularizer"]
        return [*names, *own, *networks_of_terms]

    def _record(self, losses):
        self.statistics.update_state(losses)
        return self.statistics.result()


def _per_replica(loss):
    """Gradients are summed over replicas, so that every replica takes its share of the mean."""
    return loss / tf.distribute.get_strategy().num_replicas_in_sync


def _posterior(mean, log_var):
    return tfp.distributions.MultivariateNormalDiag(loc=mean, scale_diag=tf.exp(0.5 * log_var))


def _deserialize(value):
    if isinstance(value, list):
        return [_deserialize(item) for item in value]
    if isinstance(value, dict) and "class_name" in value:
        return keras.saving.deserialize_keras_object(value)
    return value


def _check_names(terms):
    names = [term.name for term in terms]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"Expected terms of different names. Received: {names}. {repeated} stand more than once: "
            "give one of them with the sum of the weights, or leave out what the model brings itself."
        )
