"""The matrices of training, validation and test of every iteration, each with a seed of its own."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfdis.data.matrices.matrix_stream import matrix_stream
from tfdis.data.streams.sampling import random_state_at


class IterationStreams:
    """Streams of a run, a pure function of its seed and the step; the seeds are disentanglement_lib's.

    Args:
        draw: function from a random state to a batch.
        random_seed: seed of the run.
        num_iterations: number of iterations.
        steps: number of training steps in an iteration.
        eval_steps: number of batches of each validation and each test.
    """

    def __init__(
        self,
        draw: Callable[[np.random.RandomState], tuple[np.ndarray, np.ndarray, np.ndarray]],
        random_seed: int,
        num_iterations: int,
        steps: int,
        eval_steps: int,
    ):
        random_state = np.random.RandomState(random_seed)
        self.seeds = random_state.randint(2**32, size=(num_iterations, 3))
        self._draw, self._steps, self._eval_steps = draw, steps, eval_steps

    def of_training(self, start_step: int = 0) -> tf.data.Dataset:
        """Endless training batches from a step on."""

        def draw(step):
            iteration, step = divmod(step, self._steps)
            # What is prefetched behind the last iteration is of no iteration.
            seed = self.seeds[iteration % len(self.seeds), 0]
            return self._draw(random_state_at(seed, step))

        return matrix_stream(draw, start_step)

    def of_scores(self, iteration: int) -> dict[str, tf.data.Dataset]:
        """The finite streams "val" and "test" of an iteration, from 0."""

        def stream(seed):
            return matrix_stream(
                lambda step: self._draw(random_state_at(seed, step, "evaluation")),
                num_batches=self._eval_steps,
            )

        _, validation, test = self.seeds[iteration]
        return {"val": stream(validation), "test": stream(test)}
