"""Errors of names that gin does not know, with those that it does, and of lines that are none of gin's."""

import contextlib
import difflib
import inspect
import re
import tokenize
import traceback
from collections.abc import Iterator

from gin import config as gin_state

_WRONG_OPTION = re.compile(
    r"^Configurable '([^']+)' (?:doesn't have a parameter named|doesn't include kwarg|has denylisted kwarg) "
    r"'([^']+)'[^\n]*"
)
_WRONG_NAME = re.compile(r"^No configurable matching (?:reference )?'?@?([\w./]+)[^\n]*")

_NO_VALUE = re.compile(r"^malformed node or string.*?Failed to parse token '([^\n]*)'$", re.DOTALL)


@contextlib.contextmanager
def explaining_names() -> Iterator[None]:
    """Says of a wrong name in a gin file or binding which there are, and which was probably meant.

    Raises:
        ValueError: gin knows no such name, or it has no such option. Where the line is, is kept.
        SyntaxError: a line is none of gin's, or a value is none, such as a text without quotes. Where
            the line is, is kept, too.
    """
    try:
        yield
    except ValueError as error:
        text = str(error)
        option, name = _WRONG_OPTION.match(text), _WRONG_NAME.match(text)
        if option:
            raise ValueError(_about_option(*option.groups()) + text[option.end() :]) from error
        if name:
            raise ValueError(_about_name(name[1]) + text[name.end() :]) from error
        raise
    except SyntaxError as error:
        if value := _NO_VALUE.match(error.msg):
            place = error.filename, error.lineno, error.offset, error.text
            raise SyntaxError(_about_value(value[1]), place) from error
        # Python 3.11 has no text of a line that ends early.
        received = (error.text or "").strip() or "one that ends early"
        text = _about_line(f"{received} ({error.msg.rstrip('.')})")
        raise SyntaxError(text, (error.filename, error.lineno, error.offset, None)) from error
    except tokenize.TokenError as error:
        line, column = error.args[1]
        text = _about_line("one that ends within a bracket or a text")
        raise SyntaxError(text, (_file_of(error), line, column, None)) from error


def _file_of(error):
    """The gin file in whose reading an error occurred, which gin does not tell of all; None for a binding."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    read = [f for f in frames if f.f_code.co_name == "parse_config_file"]
    return read[-1].f_locals["config_file"] if read else None


def _about_line(received):
    return f"Expected a line of gin, such as vae.beta = 4.0. Received: {received}"


def _about_value(value):
    return (
        "Expected a value: a number, a text in quotes, True, None, a list, @name or %MACRO. Received: "
        f"{value}. Fix: '{value}', if it is a text"
    )


def _about_option(selector, option):
    options = _options(gin_state._REGISTRY.get_match(selector))
    close = difflib.get_close_matches(option, options, n=1, cutoff=0.5)
    fix = f"did you mean {selector}.{close[0]}?" if close else "correct or remove the line."
    return (
        f"Expected an option of {selector}, one of: {', '.join(options)}. Received: {selector}.{option}. "
        f"Fix: {fix}"
    )


def _options(configurable):
    """Names that gin may bind of a configurable."""
    if configurable.allowlist:
        return list(configurable.allowlist)
    parameters = inspect.signature(configurable.wrapped).parameters.values()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [name for name in names if name not in (configurable.denylist or ())]


def _about_name(name):
    known = {selector.rpartition(".")[2] for selector, _ in gin_state._REGISTRY.items()}
    close = difflib.get_close_matches(name.rpartition("/")[2], sorted(known), n=1)
    fix = (
        f"did you mean {close[0]}?"
        if close
        else "correct it, or import the module that registers it."
    )
    return f"Expected a name that gin knows. Received: {name}. Fix: {fix}"
