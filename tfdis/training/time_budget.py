"""Ends a run when its hours are used up."""

import json
from pathlib import Path
from time import monotonic

import keras
from absl import logging

from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole

TIME_FILE = "training_time.json"


class TimeBudget(keras.callbacks.Callback):
    """Ends the training after the step in which its time is used up.

    The time is that of all commands that trained the run with a budget: it is kept in the run's folder after
    every logging interval, so that a run that was killed does not get its hours anew. Evaluation and
    export come afterwards and are not counted.

    Args:
        hours: hours of training, above 0.
        folder: path of the run's folder.

    Raises:
        ValueError: hours that are not above 0.
    """

    def __init__(self, hours: float, folder: Path):
        super().__init__()
        if isinstance(hours, bool) or not isinstance(hours, int | float) or not hours > 0:
            raise ValueError(
                f"Expected model.time_budget_hours to be a number above 0. Received: {hours!r}."
            )
        self._hours = hours
        self._path = folder / TIME_FILE
        self._started = None
        self._before = 0.0

    def start(self, anew: bool) -> None:
        """Begins to count; called when the run's folder is held and known to be this run's.

        Args:
            anew: whether the run starts again, and what is still in its folder will be deleted.
        """
        if not anew and self._path.is_file():
            self._before = float(read_object(self._path)["seconds"])
        self._started = monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self._before + (0.0 if self._started is None else monotonic() - self._started)

    @property
    def is_finished(self) -> bool:
        """Whether the time is used up."""
        return self.seconds >= 3600 * self._hours

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.model.stop_training |= self.is_finished

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        write_text_whole(self._path, json.dumps({"seconds": self.seconds}))

    def report(self, step: int, wanted: int) -> bool:
        """Whether the budget ended the run; if so, one line of the log says it.

        Args:
            step: number of updates that were made.
            wanted: number of updates that were asked for.
        """
        was_short = step < wanted
        if was_short:
            logging.info(
                "model.time_budget_hours = %g is used up at step %d of %d. The run is evaluated and exported "
                "as it is; the same command with a larger budget goes on from there.",
                self._hours,
                step,
                wanted,
            )
        return was_short
