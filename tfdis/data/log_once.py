"""Messages that a process writes once, however often their subject is used."""

import functools

from absl import logging


@functools.cache
def log_once(message: str) -> None:
    """Logs a message at level INFO, unless this process has logged the same one before.

    Args:
        message: the whole line.
    """
    logging.info("%s", message)
