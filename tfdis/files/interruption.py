"""Signals that ask a process to end, as schedulers send them: raised, or noted for a better moment."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from absl import logging

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_Result = TypeVar("_Result")


class Interrupted(KeyboardInterrupt):
    """A signal has stopped the work; what is on the disk is whole.

    Args:
        number: the signal's number.
        message: text for the user; None stands for "the same command starts again".
    """

    def __init__(self, number: int, message: str | None = None):
        self.number = number
        name = signal.Signals(number).name
        super().__init__(message or f"stopped by {name}; the same command can be started again")


class Noted:
    """The signal, if any, that `noting_signals` has noted.

    Args:
        doing: text for the log: what is finished before the process ends.

    Attributes:
        number: number of the signal that has arrived; None as long as none has.
    """

    def __init__(self, doing: str):
        self._doing = doing
        self.number: int | None = None

    @property
    def name(self) -> str:
        """Name of the signal that has arrived."""
        return signal.Signals(self.number).name

    def note(self, number: int) -> None:
        """Notes the first signal."""
        if self.number is None:
            self.number = number
            logging.info("%s: %s.", self.name, self._doing)


# Those of the `noting_signals` that last now, the innermost last.
_NOTED: list[Noted] = []


@contextlib.contextmanager
def raising_signals(is_last: bool = False) -> Iterator[None]:
    """SIGTERM and SIGINT raise `Interrupted` in the body, once: what comes later stops no clean-up.

    Args:
        is_last: whether the process ends after the body. Signals do nothing then, since the work is
            done.
    """

    def interrupt(number, frame):
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    with _handling(interrupt, signal.SIG_IGN if is_last else None):
        yield


@contextlib.contextmanager
def noting_signals(doing: str) -> Iterator[Noted]:
    """SIGTERM and SIGINT are noted, for the body to end when it likes; a second SIGINT raises.

    A second SIGTERM does nothing: `timeout` and some schedulers send two.

    Args:
        doing: text for the log: what is finished before the process ends.

    Yields:
        A `Noted`, whose `number` says whether a signal has arrived.
    """
    noted = Noted(doing)

    def note(number, frame):
        if noted.number is not None and number == signal.SIGINT:
            raise Interrupted(number)
        noted.note(number)

    _NOTED.append(noted)
    try:
        with _handling(note):
            yield noted
    finally:
        _NOTED.remove(noted)


def unless_stopped(work: Callable[[], _Result]) -> _Result | None:
    """Does long work within `noting_signals` that need not be finished: a signal ends it at once.

    Args:
        work: function that leaves nothing half done if it is stopped by an exception.

    Returns:
        What `work` returns; None if a signal has come, before or meanwhile. It is noted.
    """
    if not _NOTED:
        return work()
    noted = _NOTED[-1]
    if noted.number is not None:
        return None
    try:
        with raising_signals():
            return work()
    except Interrupted as stopped:
        noted.note(stopped.number)
        return None


@contextlib.contextmanager
def _handling(handler, afterwards=None) -> Iterator[None]:
    """Sets a handler while the body runs. Only the main thread can: elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            # It is None if something that is not Python has set the handler.
            former = signal.SIG_DFL if former is None else former
            signal.signal(number, former if afterwards is None else afterwards)
