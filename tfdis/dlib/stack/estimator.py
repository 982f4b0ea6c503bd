"""Replaces `tensorflow.contrib.tpu` for disentanglement_lib: its estimator, without the TPU.

It has what disentanglement_lib calls of the original, with the same results: training from the last
checkpoint on, evaluation of the last checkpoint, summaries and hooks as the model asks for them.
"""

import types
from collections.abc import Callable
from typing import Any

import tensorflow as tf

v1 = tf.compat.v1

ModeKeys = types.SimpleNamespace(TRAIN="train", EVAL="eval", PREDICT="infer")


class EstimatorSpec(types.SimpleNamespace):
    """The result of a model function: `mode`, `loss`, `train_op`, `training_hooks`, `eval_metrics`."""

    train_op = None
    training_hooks = ()
    eval_metrics = None


class Estimator:
    """A TensorFlow 1 model function, trained and evaluated in graphs of its own.

    Args:
        model_fn: function that is called with features, labels, mode and params (`batch_size`) and
            returns an `EstimatorSpec`.
        model_dir: path of the folder of checkpoints.
        train_batch_size: number of images in a training step.
        eval_batch_size: number of images in a step of evaluation.
        config: object with the seed `tf_random_seed`.
        use_tpu: whether to use a TPU; must be False.

    Raises:
        ValueError: `use_tpu` is set.
    """

    def __init__(
        self,
        model_fn: Callable,
        model_dir: str | None,
        train_batch_size: int | None,
        eval_batch_size: int | None,
        config: Any,
        use_tpu: bool = False,
    ) -> None:
        if use_tpu:
            raise ValueError("Expected use_tpu=False: there is no TPU here. Received: True.")
        self._model_fn = model_fn
        self._model_dir = model_dir
        self._batch_sizes = {ModeKeys.TRAIN: train_batch_size, ModeKeys.EVAL: eval_batch_size}
        self._config = config

    def latest_checkpoint(self) -> str | None:
        """Path of the last checkpoint, None before any training."""
        return tf.train.latest_checkpoint(self._model_dir)

    def train(self, input_fn: Callable, steps: int) -> None:
        """Trains for some steps, from the last checkpoint on, and saves another."""
        with tf.Graph().as_default():
            spec = self._build(input_fn, ModeKeys.TRAIN)
            hooks = [*spec.training_hooks, v1.train.StopAtStepHook(num_steps=steps)]
            session = v1.train.MonitoredTrainingSession(
                checkpoint_dir=self._model_dir, hooks=hooks, log_step_count_steps=None
            )
            with session:
                while not session.should_stop():
                    session.run(spec.train_op)

    def evaluate(self, input_fn: Callable, name: str | None = None) -> dict[str, float]:
        """Means of the loss and of the model's metrics over all batches of an input.

        Args:
            input_fn: function as in `train`; its data set has to end.
            name: accepted because the original did; nothing is written.

        Returns:
            The metrics by name, `loss` and `global_step`.
        """
        del name
        with tf.Graph().as_default():
            spec = self._build(input_fn, ModeKeys.EVAL)
            metric_fn, arguments = spec.eval_metrics
            metrics = {**metric_fn(*arguments), "loss": v1.metrics.mean(spec.loss)}
            values = {key: value for key, (value, _) in metrics.items()}
            updates = [update for _, update in metrics.values()]
            with v1.Session() as session:
                session.run(v1.local_variables_initializer())
                v1.train.Saver().restore(session, self.latest_checkpoint())
                _run_until_the_end(session, updates)
                values["global_step"] = v1.train.get_global_step()
                return session.run(values)

    def _build(self, input_fn, mode):
        v1.set_random_seed(self._config.tf_random_seed)
        v1.train.create_global_step()
        params = {"batch_size": self._batch_sizes[mode]}
        inputs = input_fn(params)
        features, labels = inputs if isinstance(inputs, tuple) else (inputs, None)
        return self._model_fn(features, labels, mode, params)


def _run_until_the_end(session, fetches) -> None:
    while True:
        try:
            session.run(fetches)
        except tf.errors.OutOfRangeError:
            return


def contrib_tpu() -> types.ModuleType:
    """The module `tensorflow.contrib.tpu` as far as disentanglement_lib uses it."""
    module = types.ModuleType("tensorflow.contrib.tpu")
    module.TPUEstimator = Estimator
    module.TPUEstimatorSpec = EstimatorSpec
    module.RunConfig = types.SimpleNamespace
    module.TPUConfig = types.SimpleNamespace
    return module
