"""Scores on two data streams after every iteration of a run, for the choice of one of them."""

import os
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis.files.interruption import unless_stopped
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

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.catch_up()

    def catch_up(self) -> None:
        """Evaluates the model if an iteration has ended whose scores are missing."""
        self._open()
        step = updates_made(self._network.optimizer)
        if not step or step % self._iteration_steps or self._file.row(step):
            return
        scores = unless_stopped(lambda: self._scores(step // self._iteration_steps - 1))
        if scores is not None:
            self._file.write(step, scores)

    def _scores(self, iteration):
        scores = {}
        for name, stream in self._make_streams(iteration).items():
            found = self._network.evaluate(stream, verbose=0, return_dict=True)
            scores |= {f"{name}.{key}": float(value) for key, value in found.items()}
        return scores

    def all(self, num_iterations: int) -> Sequence[dict[str, float]]:
        """The scores of every iteration, by name of stream and score, for example `val.accuracy`."""
        self._open()
        steps = [(i + 1) * self._iteration_steps for i in range(num_iterations)]
        return [self._file.row(step) for step in steps]

    def _open(self):
        if self._file is None:
            start = updates_made(self._network.optimizer)
            self._file = ScalarFile(self._run_dir, "scores_log", "scores", start)
