"""One warning about bindings without effect, of one step or of all that surrounds it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping

from absl import logging

from tfdis.configuration.unused import unused_bindings

# What is called in place of a warning, the innermost last.
_TAKING: list[Callable[[Mapping[str, list[str]]], None]] = []


def warn_of_unused(unused: Mapping[str, list[str]] | None = None) -> None:
    """Logs one warning about bindings without effect, or leaves it to what surrounds it.

    Args:
        unused: result of `unused_bindings`; None for that of the active configuration.
    """
    unused = unused_bindings() if unused is None else unused
    if _TAKING:
        _TAKING[-1](unused)
    else:
        _log(unused)


@contextlib.contextmanager
def leaving_unused_to(take: Callable[[Mapping[str, list[str]]], None]) -> Iterator[None]:
    """Calls a function with what each step in the body leaves unused; nothing is logged there."""
    _TAKING.append(take)
    try:
        yield
    finally:
        _TAKING.pop()


def _log(unused):
    names = [
        f"{name} (did you mean {' or '.join(meant)}?)" if meant else name
        for name, meant in unused.items()
    ]
    if names:
        logging.warning(
            "Nothing used the gin bindings of %s. They have no effect.", ", ".join(names)
        )
