"""Scores on two data streams after every iteration of a run, for the choice of one of them."""

import os
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis.training.callbacks import updates_made
from tfdis.training.scalar_file import ScalarFile


class IterationScores(keras.callbacks.Callback):
    """Evaluates the model at the end of every iteration; rows of `scores_log.csv` and TensorBoard.

    Args:
        run_dir: path of the run's folder.
        model: the compiled model.
        iteration_steps: number of steps in an iteration.
        make_streams: function of the iteration's number, from 0, to finite streams by name.
    """

    def __init__(
        self,
        run_dir: str | os.PathLike,
        model: keras.Model,
        iteration_steps: int,
        make_streams: Callable[[int], dict[str, tf.data.Dataset]],
    ):
        super().__init__()
        self._run_dir = run_dir
        self._network = model
        self._iteration_steps = iteration_steps
        self._make_streams = make_streams
        self._file = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._open()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = updates_made(self._network.optimizer)
        if step % self._iteration_steps:
            return
        scores = {}
        for name, stream in self._make_streams(step // self._iteration_steps - 1).items():
            found = self._network.evaluate(stream, verbose=0, return_dict=True)
            scores |= {f"{name}.{key}": float(value) for key, value in found.items()}
        self._file.write(step, scores)

    def all(self, num_iterations: int) -> Sequence[dict[str, float]]:
        """The scores of every iteration, by name of stream and score, for example `val.accuracy`."""
        self._open()
        steps = [(i + 1) * self._iteration_steps for i in range(num_iterations)]
        return [self._file.row(step) for step in steps]

    def _open(self):
        if self._file is None:
            start = updates_made(self._network.optimizer)
            self._file = ScalarFile(self._run_dir, "scores_log", "scores", start)
