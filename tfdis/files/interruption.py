"""Signals that ask a process to end, as schedulers send them: raised, or noted for a better moment."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from absl import logging

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


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

    Attributes:
        number: number of the signal that has arrived; None as long as none has.
    """

    number: int | None = None

    @property
    def name(self) -> str:
        """Name of the signal that has arrived."""
        return signal.Signals(self.number).name


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
    noted = Noted()

    def note(number, frame):
        if noted.number is not None and number == signal.SIGINT:
            raise Interrupted(number)
        if noted.number is None:
            noted.number = number
            logging.info("%s: %s.", noted.name, doing)

    with _handling(note):
        yield noted


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
