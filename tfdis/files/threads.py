"""Threads of work that may be stopped: what has not begun is dropped, what runs is not waited for."""

from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

# A thread that waits is woken up by signals, but not by `_thread.interrupt_main`, with which Ray stops a task.
_POLL_SECONDS = 0.25


class Threads(ThreadPoolExecutor):
    """A pool of threads whose `with` block ends at once if its body is stopped or fails.

    Python's own pool finishes everything that was submitted first, for minutes after Ctrl-C.

    Args:
        number: number of threads.

    Attributes:
        is_abandoned: whether nobody waits for the results any more; long work may ask.

    Example:
        >>> with Threads(2) as pool:
        ...     list(pool.map(abs, [-1, 2]))
        [1, 2]
    """

    def __init__(self, number: int):
        super().__init__(number, thread_name_prefix="tfdis")
        self.is_abandoned = False

    def __exit__(self, kind, error, traceback) -> None:
        self.is_abandoned = kind is not None
        self.shutdown(wait=not self.is_abandoned, cancel_futures=self.is_abandoned)


def finish(futures: Iterable[Future]) -> None:
    """Waits until tasks have ended, and can be stopped meanwhile; raises an error as soon as a task does."""
    left = set(futures)
    while left:
        done, left = wait(left, _POLL_SECONDS, FIRST_EXCEPTION)
        for future in done:
            future.result()
