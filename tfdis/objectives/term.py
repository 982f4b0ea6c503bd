"""A term of an objective: the form that every regulariser has for a model."""

import dataclasses
from collections.abc import Callable

import keras
import tensorflow as tf

from tfdis import ops
from tfdis.objectives.configurable import Configurable
from tfdis.objectives.schedule import at_step


@dataclasses.dataclass(frozen=True)
class LabelledCodes:
    """Codes of the few labelled images of a step, which only supervised terms see.

    Attributes:
        mean: `[labelled batch, latent]` posterior means.
        labels: int64 `[labelled batch, labelled factors]`, what a labeller said of the images.
    """

    mean: tf.Tensor
    labels: tf.Tensor


@dataclasses.dataclass(frozen=True)
class QuantisedCodes:
    """What a quantiser made of a batch of codes; z is these values, with a gradient to the encoder.

    Attributes:
        values: `[batch, latent]` the values that stand for the codes; where they are learned, their
            gradient goes to the table of values.
        continuous: `[batch, latent]` what was rounded, on the scale of the values.
        indices: int32 `[batch, latent]` positions of the values in their table or grid.
        weights: `[batch, latent, values]` with which codes take values softly, or None.
        logits: `[batch, latent, values]` of these weights without noise and temperature, or None.
    """

    values: tf.Tensor
    continuous: tf.Tensor
    indices: tf.Tensor
    weights: tf.Tensor | None = None
    logits: tf.Tensor | None = None


@dataclasses.dataclass(frozen=True)
class Outputs:
    """What a model computed for one batch; every term is called with it.

    Attributes:
        x: images, float32 `[batch, height, width, channels]` in [0, 1].
        reconstruction: decoded logits of the same shape.
        posterior: `tfp.distributions` object, N(mean, exp(log_var)) of the batch.
        mean: `[batch, latent]` posterior means.
        log_var: `[batch, latent]` posterior log variances.
        z: `[batch, latent]` sample of the posterior, or the quantised mean.
        step: scalar int64, the step at which schedules are read.
        labels: optional ground-truth factors `[batch, factors]`.
        capacity: optional `Capacity` (capacity.py); terms that are a KL divergence minimise |KL -
            C| instead of it.
        dataset_size: number of images of the data set, or None if it is not known.
        noise_step: scalar int64, the position in the streams of random numbers if it is not `step`.
        labelled: optional `LabelledCodes` of a further batch, whose labels are known.
        quantised: `QuantisedCodes`, of models whose z is quantised.
    """

    x: tf.Tensor
    reconstruction: tf.Tensor
    posterior: object
    mean: tf.Tensor
    log_var: tf.Tensor
    z: tf.Tensor
    step: tf.Tensor
    labels: tf.Tensor | None = None
    capacity: object | None = None
    dataset_size: int | None = None
    noise_step: tf.Tensor | None = None
    labelled: LabelledCodes | None = None
    quantised: QuantisedCodes | None = None

    @property
    def draw(self) -> tf.Tensor:
        """Position in the streams of random numbers, which no two batches of a run share."""
        return self.step if self.noise_step is None else self.noise_step

    @property
    def kl_per_image(self) -> tf.Tensor:
        """`[batch]` KL(posterior || prior), summed over latents, in nats."""
        return tf.reduce_sum(ops.gaussian_kl(self.mean, self.log_var), axis=1)

    @property
    def kl(self) -> tf.Tensor:
        """Batch mean of `kl_per_image`."""
        return tf.reduce_mean(self.kl_per_image)


class Term(Configurable):
    """One summand of the loss, called with a model's `Outputs`.

    Subclasses implement `value` and set `name`, under which the value is logged (see `logged`).

    Args:
        weight: a number, or a schedule, which is a callable of the step.
    """

    name = "term"
    # Whether the term is a KL divergence, which a model's capacity bounds; it then has `per_image`.
    is_kl = False
    # Whether the term holds the KL divergence at a value of its own, so that a capacity has no place.
    holds_kl = False
    # Whether the term needs `Outputs.labels`.
    needs_labels = False
    # Whether it needs `Outputs.labelled`: every step is then given a batch of labelled images as well.
    needs_labelled_batch = False
    # Whether it needs `Outputs.quantised`.
    needs_quantised = False

    def __init__(self, weight: float | Callable = 1.0):
        self.weight = weight

    def fitted(self, latent_dim: int) -> "Term":
        """Returns the term as a model of so many latents uses it: itself, or a copy with what it builds.

        Raises:
            ValueError: the term cannot be used with so many latents.
        """
        del latent_dim
        return self

    def value(self, outputs: Outputs) -> tf.Tensor:
        """Returns the unweighted scalar of this term, in nats unless the subclass says otherwise."""
        raise NotImplementedError

    def logged(self, outputs: Outputs, value: tf.Tensor) -> tf.Tensor:
        """Returns what is logged under the term's name; it never has a gradient.

        It is `value`, unless that is made to be minimised and is no estimate of what the name says.
        """
        del outputs
        return value

    def after_step(self, outputs: Outputs) -> None:
        """Changes what the term remembers of earlier steps, in `layer`; called once in a training step.

        Args:
            outputs: the outputs of the step's batch, from before the weights changed.
        """
        del outputs

    def per_image(self, outputs: Outputs) -> tf.Tensor:
        """Returns `[batch]` KL divergences whose mean is `value`; only KL terms have it."""
        raise NotImplementedError

    def __call__(self, outputs: Outputs) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns (unweighted value, weighted value): the first is logged, the second is minimised.

        The second has the value of what is logged and the gradient of what is minimised.
        """
        value = self.value(outputs)
        weight = at_step(self.weight, outputs.step)
        if self.is_kl and outputs.capacity is not None:
            kl = self.per_image(outputs) if outputs.capacity.per_image else value
            return value, weight * outputs.capacity.deviation(kl, outputs.step)
        logged = self.logged(outputs, value)
        weighted = weight * value
        if logged is not value:
            weighted = tf.stop_gradient(weight * logged) + (weighted - tf.stop_gradient(weighted))
        return logged, weighted


class TrainedTerm(Term):
    """A term with a network of its own, trained beside the model by its own loss and optimiser.

    In one training step the model first takes the gradients of its own loss (the network's variables
    are left out of it), then those of every `own_loss`, all at the same weights; then both are
    applied. Before all that comes a step of the network alone on `first_loss`, if there is one. Subclasses
    compute `own_loss` on `tf.stop_gradient`ed outputs.

    Args:
        weight: a number or a schedule, as for `Term`.
        network: Keras model with the term's own variables, or the name of a discriminator of the
            code (`tfdis.networks`), which the model then builds.
        optimizer: Keras optimiser of those variables.
    """

    # 2 for terms whose own loss needs a second, independent batch.
    batches_per_step = 1
    # 2 for terms that have a `first_loss`: iterations of their optimiser in one update of the model.
    iterations_per_update = 1
    # Whether its optimiser advances the step counter in disentanglement_lib; see `steps_per_update`.
    advances_steps = True

    def __init__(
        self,
        weight: float | Callable,
        network: keras.Model | str | Callable,
        optimizer: keras.optimizers.Optimizer,
    ):
        super().__init__(weight)
        self.network = network
        self.optimizer = optimizer

    @property
    def loss_name(self) -> str:
        """Name under which `own_loss` is logged: of `FactorTC`, factor_tc_network_loss."""
        return f"{self.name}_network_loss"

    def own_loss(self, outputs: Outputs, second: Outputs) -> tf.Tensor:
        """The scalar that the term's own network minimises.

        Args:
            outputs: the outputs of the model's batch.
            second: outputs of a second batch if the model takes two (`VAE.batches_per_step`), else
                `outputs` again.
        """
        raise NotImplementedError

    def first_loss(self, outputs: Outputs) -> tf.Tensor | None:
        """The scalar that the network minimises by a step of its own before the losses are taken, or None.

        Args:
            outputs: the outputs of the model's batch, computed before that step.
        """
        del outputs
        return None
