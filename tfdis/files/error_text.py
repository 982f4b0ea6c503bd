"""The text of an error for the user: one line, without the colours and traces of libraries."""

import re
import sys

_LONGEST_MESSAGE = 1000
# Failures with a message for the user. Anything else (TypeError, KeyError, ...) is a mistake of the
# code and keeps its traceback.
_EXPECTED = (
    ValueError,
    OSError,
    ImportError,
    RuntimeError,
    ArithmeticError,
    MemoryError,
    SyntaxError,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Gin's place when an error passed through it, which helps people who debug and nobody else.
_GIN_TRACE = re.compile(r"^\s*In call to configurable .*$", re.MULTILINE)
# Text that gin adds to the TypeError of a call that lacks arguments.
_GIN_MISSING = re.compile(
    r"No values supplied by Gin or caller for arguments: \[([^\]]*)\].*?"
    r"In call to configurable '([^']*)'",
    re.DOTALL,
)


def is_expected(error: BaseException) -> bool:
    """Whether an error addresses the user, rather than revealing a mistake in the code."""
    if isinstance(error, TypeError) and _GIN_MISSING.search(str(error)):
        return True
    tensorflow = sys.modules.get("tensorflow")
    tensorflow_error = getattr(getattr(tensorflow, "errors", None), "OpError", ())
    return isinstance(error, (*_EXPECTED, tensorflow_error) if tensorflow_error else _EXPECTED)


def to_one_line(error: BaseException) -> str:
    r"""The message of an error, on one line.

    Args:
        error: any exception.

    Returns:
        The error's text without colours, line breaks and gin's call trace, shortened if very long;
        the name of its class if it has no text.

    Example:
        >>> to_one_line(ValueError("Expected 1.\n  Received 2."))
        'Expected 1. Received 2.'
    """
    if isinstance(error, SyntaxError) and error.filename:
        text = f"{error.filename}, line {error.lineno}: {error.msg}"
        if error.text:
            text += f": {error.text.strip()}"
    else:
        # str() of a KeyError-like class adds quotes; that of an OSError has the path.
        text = str(error)
    missing = _GIN_MISSING.search(text) if isinstance(error, TypeError) else None
    if missing:
        names = [f"{missing[2]}.{name.strip(chr(39))}" for name in missing[1].split(", ")]
        text = (
            f"Expected a value of {', '.join(names)} in the gin files or in --gin_bindings. "
            "Received: none."
        )
    text = " ".join(_GIN_TRACE.sub("", _COLOUR.sub("", text)).split())
    if not text:
        return type(error).__name__
    if len(text) > _LONGEST_MESSAGE:
        text = text[:_LONGEST_MESSAGE].rstrip() + " ... (--traceback shows all)"
    return text
