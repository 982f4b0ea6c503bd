"""Which log records are shown: in a terminal, and in the log of a point."""

import logging
import os

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# The logger with which gin reports an error for every folder that lacks a file, before it looks into the
# next one. If no folder has the file, gin raises an error that says so.
_GIN_SEARCH = os.path.join("gin", "resource_reader.py")


def is_for_the_user(record: logging.LogRecord) -> bool:
    """Whether to show a log record: warnings, and what tfdis itself reports."""
    if record.pathname.endswith(_GIN_SEARCH):
        return False
    return record.levelno >= logging.WARNING or record.pathname.startswith(_PACKAGE)
