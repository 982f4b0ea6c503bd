"""The gin root `abstract_reasoning`: teaches a network to solve matrices, resuming exactly."""

import functools
import os
import time
from collections.abc import Sequence
from typing import Any

import gin
import keras
import numpy as np

from tfdis.data.streams.sampling import random_state_at
from tfdis.dlib.reasoning.stages import TwoStage, View
from tfdis.dlib.reasoning.streams import IterationStreams
from tfdis.models.reasoner import Reasoner
from tfdis.training.fit import Timetable, fit
from tfdis.training.iteration_scores import IterationScores
from tfdis.training.options import check_at_least
from tfdis.training.run_folder import RunFolder
from tfdis.training.runtime import Runtime, gin_root, runtime_of

ROOT = "abstract_reasoning"


@gin_root(ROOT)
def reason(
    model_dir: str | os.PathLike,
    overwrite: bool = False,
    model: TwoStage = gin.REQUIRED,
    num_iterations: int = gin.REQUIRED,
    training_steps_per_iteration: int = gin.REQUIRED,
    eval_steps_per_iteration: int = gin.REQUIRED,
    random_seed: int = gin.REQUIRED,
    batch_size: int = gin.REQUIRED,
    name: str = "",
    **options: Any,
) -> tuple[Reasoner, dict]:
    """Teaches a network to solve matrices of gin's `pgm` and `dataset.name`, resuming exactly.

    Args:
        model_dir: path of the run's folder.
        overwrite: whether another run in that folder is deleted.
        model: the two stages, in gin `@TwoStageModel()`.
        num_iterations: number of iterations, each with a validation and a test at its end.
        training_steps_per_iteration: number of steps in an iteration.
        eval_steps_per_iteration: number of batches of each validation and each test.
        random_seed: seed of the weights and of all matrices.
        batch_size: number of matrices in a step.
        name: text that is only kept in the saved configuration.
        **options: options of `Runtime`, in gin `runtime.precision`, or
            `abstract_reasoning.precision` for this root alone.

    Returns:
        The trained network, and disentanglement_lib's results: `step<s>.val.accuracy`,
        `step<s>.test.accuracy`, ... of the iteration that began at step s, and `best.*` of the
        first iteration with the highest validation accuracy.

    Raises:
        ValueError: an option out of range, a data set without matrices, or a representation of
            other images.
        FileExistsError: the folder holds something else.
        InUseError: another process trains in the folder.
        NonFiniteLossError: the loss became NaN or infinite.
        Interrupted: SIGTERM or SIGINT came; there is a checkpoint of the last step.

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506.
    """
    del name
    numbers = {
        "num_iterations": num_iterations,
        "training_steps_per_iteration": training_steps_per_iteration,
        "eval_steps_per_iteration": eval_steps_per_iteration,
        "batch_size": batch_size,
    }
    check_at_least(ROOT, 1, **numbers)
    runtime = runtime_of(ROOT, options)
    folder = RunFolder(model_dir, gin.config_str(), overwrite, ROOT)
    runtime.limit_threads()
    started = time.time()
    with folder.held(), runtime.entered(random_seed) as strategy:
        with strategy.scope():
            view = View.of(model.embedding)
            draw = functools.partial(view.draw, batch_size)
            context, answers, _ = draw(random_state_at(random_seed, 0))
            network = _compiled(model, view, [context.shape, answers.shape], runtime)
        steps = training_steps_per_iteration
        streams = IterationStreams(
            draw, random_seed, num_iterations, steps, eval_steps_per_iteration
        )
        scores = IterationScores(folder.path, network, steps, streams.of_scores)
        timetable = Timetable(
            num_iterations * steps,
            runtime.log_steps,
            runtime.checkpoint_steps,
            steps,
            f"{ROOT}.num_iterations * {steps}",
        )
        fit(network, streams.of_training, folder, timetable, further=[scores])
        view.keep()
        results = _results(scores.all(num_iterations), steps)
    return network, results | {"elapsed_time": time.time() - started}


def _compiled(
    model: TwoStage, view: View, input_shapes: Sequence[Sequence[int]], runtime: Runtime
) -> Reasoner:
    """The network with its weights and those of its optimiser, which a checkpoint is restored to."""
    network = Reasoner(model.reasoning(), view.layer)
    network.build(input_shapes)
    network.compile(
        optimizer=model.optimizer(),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **runtime.compile_options,
    )
    network.optimizer.build(network.trainable_variables)
    return network


def _results(scores: Sequence[dict[str, float]], steps: int) -> dict[str, float]:
    """Scores of all iterations under disentanglement_lib's names, and those of the best one."""
    best = int(np.argmax([of_one["val.accuracy"] for of_one in scores]))
    results = {}
    for index, of_one in [*enumerate(scores), (None, scores[best])]:
        number = best if index is None else index
        prefix = "best" if index is None else f"step{index * steps}"
        counts = {f"{stream}.global_step": (number + 1) * steps for stream in ("val", "test")}
        results |= {f"{prefix}.{key}": value for key, value in (of_one | counts).items()}
    return results
