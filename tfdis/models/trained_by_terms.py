"""The training step of every model: its own update, and those of terms with a network."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from tfdis import objectives
from tfdis.models.entry import checked
from tfdis.models.labelled_batch import unpacked
from tfdis.models.statistics import StepStatistics
from tfdis.models.step_counting import count_steps

# Separates a term's name from the number of a variable where its optimiser is saved.
_TERM_OPTIMIZER = "_optimizer_"


class TrainedByTerms(keras.Model):
    """Base that trains, evaluates and reports a model made of terms.

    Subclasses give `terms`, `outputs`, `losses_of`, `seed` and `step_counting`, and call
    `set_up_training` at the end of their constructor. Terms with a network of their own (`TrainedTerm`)
    are stepped beside the model.
    """

    # Whether there is a posterior, so that its KL divergence and the ELBO are logged.
    is_variational = True
    # Whether z is quantised, so that terms find `Outputs.quantised`.
    is_quantised = False

    @property
    def batches_per_step(self) -> int:
        """2 if a term needs a second, independent batch, and every step gets both in one; else 1."""
        return max([1, *(term.batches_per_step for term in self.trained_terms)])

    @property
    def is_semi_supervised(self) -> bool:
        """Whether a term needs a labelled batch beside the model's own; see `labelled_batch.py`."""
        return any(term.needs_labelled_batch for term in self.terms)

    @property
    def steps_per_update(self) -> int:
        """Number of steps by which schedules advance in one update of the weights.

        It is 1 with the step counting "updates". With "dlib" it is the number of optimisers,
        because in disentanglement_lib each of them advances the step counter: 2 for FactorVAE.
        """
        if self.step_counting != "dlib":
            return 1
        return 1 + sum(term.advances_steps for term in self.trained_terms)

    @property
    def trained_terms(self) -> list[objectives.TrainedTerm]:
        """The terms that have a network of their own."""
        return [term for term in self.terms if isinstance(term, objectives.TrainedTerm)]

    @property
    def model_variables(self) -> list:
        """Trainable variables that the model's own loss changes: all but those of trained terms."""
        own = {id(v) for term in self.trained_terms for v in term.network.trainable_variables}
        return [v for v in self.trainable_variables if id(v) not in own]

    def fit(self, x: Any = None, *args, **kwargs) -> keras.callbacks.History:
        """As in Keras, after a check of the first images: see `entry.py`."""
        return super().fit(checked(self, x), *args, **kwargs)

    def evaluate(self, x: Any = None, *args, **kwargs) -> float | list | dict:
        """As in Keras, after a check of the first images: see `entry.py`."""
        return super().evaluate(checked(self, x), *args, **kwargs)

    def predict(self, x: Any, *args, **kwargs) -> Any:
        """As in Keras, after a check of the first images: see `entry.py`."""
        return super().predict(checked(self, x), *args, **kwargs)

    def set_up_training(self) -> None:
        """Makes what training needs besides the networks; the terms are final from here on."""
        self.has_checked_stream = False  # See `entry.py`.
        self._track_terms()
        self.statistics = StepStatistics(self._statistic_names())
        # Keras's jit_compile="auto" asks this: XLA pays on GPU; on CPU plain graphs are faster.
        self.supports_jit = bool(tf.config.list_physical_devices("GPU"))

    def compile(self, *args, **kwargs) -> None:
        """As in Keras, and prepares the optimisers.

        Their variables are made now, so that checkpoints find them, and their schedules are read at the
        model's step.
        """
        super().compile(*args, **kwargs)
        count_steps(self.optimizer, self.steps_per_update)
        self.optimizer.build(self.model_variables)
        for term in self.trained_terms:
            count_steps(term.optimizer, self.steps_per_update, term.iterations_per_update)
            term.optimizer.build(term.network.trainable_variables)

    def compile_from_config(self, config: dict) -> None:
        """Compiles a loaded model as `compile` does."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def save_own_variables(self, store: Mapping) -> None:
        """As in Keras, with the optimisers of the terms' networks: Keras saves the model's alone."""
        super().save_own_variables(store)
        for name, variable in self._term_optimizer_variables():
            store[name] = keras.ops.convert_to_numpy(variable)

    def load_own_variables(self, store: Mapping) -> None:
        """As in Keras, with the optimisers of the terms' networks if the model is compiled."""
        names = list(store.keys())
        own = [name for name in names if _TERM_OPTIMIZER not in name]
        super().load_own_variables({name: store[name] for name in own})
        expected = dict(self._term_optimizer_variables())
        missing = sorted(expected.keys() - set(names))
        if missing:
            logging.warning(
                "%s was saved without the state of its terms' optimisers, which start anew: training goes "
                "on otherwise than it would have without saving. Not found: %s.",
                self.name,
                ", ".join(missing),
            )
        for name in expected.keys() & set(names):
            expected[name].assign(store[name])

    def _term_optimizer_variables(self):
        """Pairs (name, variable) for every built optimiser of a term's network."""
        for term in self.trained_terms:
            if term.optimizer.built:
                for index, variable in enumerate(term.optimizer.variables):
                    yield f"{term.name}{_TERM_OPTIMIZER}{index}", variable

    @property
    def metrics(self) -> list:
        return [self.statistics]

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One update of the model and of its terms; returns the means of the scalars so far."""
        x, labels, labelled = unpacked(self, data)
        with tf.GradientTape(persistent=bool(self.trained_terms)) as tape:
            outputs, second = self._training_outputs(x, labels, labelled)
            with tape.stop_recording():
                self._step_first(outputs)
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
            losses[term.loss_name] = loss
        for term in self.terms:
            term.after_step(outputs)
        return self._record(losses)

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """Scalars of one batch of evaluation; returns their means so far."""
        x, labels, labelled = unpacked(self, data)
        position = tf.cast(self.statistics.count, tf.int64)
        outputs = self.outputs(x, position, labels, labelled=labelled)
        outputs = self._at_this_step(outputs, position)
        losses = self.losses_of(outputs)
        for term in self.trained_terms:
            losses[term.loss_name] = term.own_loss(outputs, outputs)
        return self._record(losses)

    def _training_outputs(self, x, labels, labelled):
        """Outputs of the batch and, for models that take two batches in a step, of the second one."""
        update = tf.cast(self.optimizer.iterations, tf.int64)
        if self.batches_per_step == 1:
            outputs = self._at_this_step(self.outputs(x, update, labels, True, labelled), update)
            return outputs, outputs
        halves = [
            tf.split(value, 2) if value is not None else (None, None) for value in (x, labels)
        ]
        (x, x_second), (labels, labels_second) = halves
        # The negative position draws other noise than any step of the first batch.
        second = self.outputs(x_second, -1 - update, labels_second, training=True)
        first = self.outputs(x, update, labels, True, labelled)
        return self._at_this_step(first, update), second

    def _at_this_step(self, outputs, noise_step):
        """The outputs, with schedules at the model's step whatever noise was drawn."""
        step = tf.cast(self.optimizer.iterations, tf.int64) * self.steps_per_update
        return dataclasses.replace(outputs, step=step, noise_step=noise_step)

    def _step_first(self, outputs):
        """Takes the steps that networks of terms take before the losses; see `TrainedTerm.first_loss`."""
        for term in self.trained_terms:
            with tf.GradientTape() as tape:
                loss = term.first_loss(outputs)
                scaled = None if loss is None else term.optimizer.scale_loss(_per_replica(loss))
            if scaled is not None:
                own = term.network.trainable_variables
                term.optimizer.apply(tape.gradient(scaled, own), own)

    def _own_losses(self, outputs, second):
        losses = [term.own_loss(outputs, second) for term in self.trained_terms]
        return [
            (term.optimizer.scale_loss(_per_replica(loss)), loss)
            for term, loss in zip(self.trained_terms, losses, strict=True)
        ]

    def _track_terms(self):
        """Makes the parts' layers attributes, since Keras and checkpoints track those, but no lists.

        Files know them by these names. Those of tfdis's own terms are kl_layer of `LearnedPriorKL`,
        factor_tc_network of `FactorTC`, and reconstructed_label_network and
        adversarial_label_network of IFCVAE's terms.
        """
        for term in self.terms:
            if term.layer is not None:
                setattr(self, f"{term.name}_layer", term.layer)
        self.reconstruction_layer = self.reconstruction_loss.layer
        for term in self.trained_terms:
            setattr(self, f"{term.name}_network", term.network)

    def _statistic_names(self):
        own = [term.name for term in self.terms if term.name != "kl"]
        networks_of_terms = [term.loss_name for term in self.trained_terms]
        variational = ["kl_loss", "elbo"] if self.is_variational else []
        names = ["loss", "reconstruction_loss", *variational, "regularizer"]
        return [*names, *own, *networks_of_terms]

    def _record(self, losses):
        self.statistics.update_state(losses)
        return self.statistics.result()


def _per_replica(loss):
    """Divides by the number of replicas, over which gradients are summed."""
    return loss / tf.distribute.get_strategy().num_replicas_in_sync
