"""One warning about bindings without effect, for one step or for a command of several steps."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping

from absl import logging

from tfdis.configuration.unused import bound_names, unused_bindings

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


class UnusedByAll:
    """Lets the steps of one command, which all get its bindings, warn together and once.

    It is a context manager for the body of each step. The warning is given when the last step has
    called `warn_of_unused`. A step that was done before does not call it: what it used is unknown,
    so that there is no warning.

    Args:
        num_steps: number of steps.
        knobs: names of macros that files offer for steps which are left out.
    """

    def __init__(self, num_steps: int, knobs: Collection[str] = ()):
        self._num_missing = num_steps
        self._used = set(knobs)
        self._unused = {}

    def __enter__(self) -> "UnusedByAll":
        _TAKING.append(self.add)
        return self

    def __exit__(self, *error) -> None:
        _TAKING.pop()

    def add(self, unused: Mapping[str, list[str]]) -> None:
        """Takes what a step left unused of the active configuration."""
        self._used |= bound_names() - set(unused)
        self._unused |= {n: meant or self._unused.get(n, []) for n, meant in unused.items()}
        self._num_missing -= 1
        if not self._num_missing:
            _log({name: self._unused[name] for name in self._unused if name not in self._used})


def _log(unused):
    names = [
        f"{name} (did you mean {' or '.join(meant)}?)" if meant else name
        for name, meant in unused.items()
    ]
    if names:
        logging.warning(
            "Nothing used the gin bindings of %s. They have no effect.", ", ".join(names)
        )
