"""The loop of every gin root: from the folder's last checkpoint to the end, in logging intervals."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence

import keras
import tensorflow as tf
from absl import logging

from tfdis.files.interruption import Interrupted, noting_signals
from tfdis.training import callbacks
from tfdis.training.run_folder import RunFolder


@dataclasses.dataclass(frozen=True)
class Timetable:
    """The steps at which a run ends, logs and saves.

    Attributes:
        total: last step of the run.
        log: number of steps between two rows of scalars.
        checkpoint: number of steps between two checkpoints.
        epoch: number of steps in an epoch, whose end is also the end of an interval and is saved;
            None for none.
        option: name of the option that sets `total`, for messages.
    """

    total: int
    log: int
    checkpoint: int
    epoch: int | None = None
    option: str = "model.training_steps"


def fit(
    model: keras.Model,
    make_stream: Callable[..., tf.data.Dataset],
    folder: RunFolder,
    timetable: Timetable,
    further: Sequence[keras.callbacks.Callback] = (),
    **stateful: keras.callbacks.Callback | None,
) -> None:
    """Trains a compiled model, resuming exactly; one Keras epoch is one interval.

    SIGTERM and SIGINT end the training after the current step, with a checkpoint of that step. Scores
    that are being computed are left to the next start.

    Args:
        model: the compiled model.
        make_stream: function `make_stream(start_step=)` that gives endless batches, a pure function
            of the step.
        folder: the run's folder, which this process holds; it is marked here.
        timetable: steps at which to log, save and end.
        further: callbacks without a state of their own. Those of either kind that have `catch_up()`
            do in it what a signal kept them from doing at the step that is resumed.
        **stateful: further callbacks, by the name of their state in the checkpoint. Each has
            `state`, a `tf.train.Checkpoint`; one whose `is_finished` becomes True ends the run. A
            value of None is ignored.

    Raises:
        ValueError: the folder's last checkpoint is later than the timetable's end.
        NonFiniteLossError: the loss became NaN or infinite.
        Interrupted: a signal came; the checkpoint is saved.
    """
    stateful = {name: callback for name, callback in stateful.items() if callback is not None}
    is_new = folder.is_new
    folder.prepare()
    checkpoints = callbacks.Checkpoints(
        folder.checkpoints,
        model,
        [timetable.checkpoint, *([timetable.epoch] if timetable.epoch else [])],
        **{name: callback.state for name, callback in stateful.items()},
    )
    start = checkpoints.restore()
    if start > timetable.total:
        raise ValueError(
            f"Expected {timetable.option} to be at least {start}, the step of the last checkpoint in "
            f"{folder.path}. Received: {timetable.total}. Use another --model_dir, or --overwrite."
        )
    logging.info("Training from step %d to step %d in %s.", start, timetable.total, folder.path)
    progress = callbacks.ProgressBar(start, timetable.total)
    used = [
        callbacks.WarnOfUnusedBindings(),
        callbacks.StopOnNonFinite(),
        progress,
        callbacks.ScalarLog(folder.path, start),
        *stateful.values(),
        *further,
        checkpoints,
    ]
    try:
        with noting_signals("finishing the current step, then saving a checkpoint") as signals:
            used.append(callbacks.StopOnSignal(signals))
            for callback in used:
                if hasattr(callback, "catch_up"):
                    callback.set_model(model)
                    callback.catch_up()
            _fit_intervals(model, make_stream, start, timetable, used)
            checkpoints.save()
    except Exception:
        if is_new and not checkpoints.any_saved:
            folder.discard()
        raise
    finally:
        progress.close()
    if signals.number is not None:
        step = callbacks.updates_made(model.optimizer)
        raise Interrupted(
            signals.number,
            f"stopped by {signals.name} at step {step} of {timetable.total}; the same command goes on "
            "from there",
        )


def _fit_intervals(model, make_stream, start, timetable, used) -> None:
    """Calls Keras's fit, interval by interval, to the end or until a callback stops it."""
    periods = [period for period in (timetable.log, timetable.epoch) if period]
    for first, steps, epochs in _calls(start, timetable.total, periods, model.steps_per_execution):
        if any(getattr(callback, "is_finished", False) for callback in used):
            return
        stream = make_stream(start_step=first)
        model.fit(
            # Keras counts in whole executions. One that runs out of data makes fewer steps.
            stream.take(steps) if steps % model.steps_per_execution else stream,
            steps_per_epoch=steps,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=used,
        )


def _calls(start, total, periods, steps_per_execution):
    """The intervals in calls of `fit`: alone if they are no whole number of executions."""
    for first, steps, number in intervals(start, total, *periods):
        if steps % steps_per_execution:
            yield from ((first + i * steps, steps, 1) for i in range(number))
        else:
            yield first, steps, number


def intervals(start: int, total: int, *periods: int) -> Iterator[tuple[int, int, int]]:
    """Cuts the steps at the multiples of every period.

    Yields:
        Tuples (first step, steps per interval, number of intervals), successive intervals of one
        length together.

    Example:
        >>> list(intervals(3, 11, 2))
        [(3, 1, 1), (4, 2, 3), (10, 1, 1)]
        >>> list(intervals(0, 7, 2, 5))
        [(0, 2, 2), (4, 1, 3)]
    """
    ends = {total} if start < total else set()
    for period in periods:
        ends.update(range(start - start % period + period, total, period))
    cuts = [start, *sorted(ends)]
    first = start
    for steps, group in itertools.groupby(b - a for a, b in itertools.pairwise(cuts)):
        number = len(list(group))
        yield first, steps, number
        first += steps * number
