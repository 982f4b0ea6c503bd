"""Origins of bindings: stated by a command and its gin files, or defaults of files that these include."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gin
from gin import config as gin_state

MACRO = "gin.macro"


@dataclasses.dataclass(frozen=True)
class Origin:
    """The origins of what the gin files of a configuration bind.

    Attributes:
        knobs: names of the macros that the files offer.
        defaults: values that included files bind, by (scope, selector, parameter): a base for many
            files may bind options of things that not all of them choose.
    """

    knobs: frozenset[str]
    defaults: Mapping[tuple[str, str, str], Any]


_current: list[Origin] = []


def current_origin() -> Origin | None:
    """The origin noted by the innermost `noting_origin`; None outside of one."""
    return _current[-1] if _current else None


@contextlib.contextmanager
def noting_origin(files: Sequence[str]) -> Iterator[None]:
    """Reads files for `current_origin` in the body, whose gin configuration starts empty.

    Args:
        files: paths of gin files.

    Raises:
        ValueError: a wrong name or binding in one of the files.
    """
    _current.append(_origin(files))
    try:
        yield
    finally:
        _current.pop()


def _origin(files: Sequence[str]) -> Origin:
    read = [gin.parse_config_file(file) for file in files]
    knobs = frozenset(scope for scope, selector in gin_state._CONFIG if selector == MACRO)
    gin.clear_config()
    for included in (include for file in read for include in file.includes):
        gin.parse_config_file(included.filename)
    defaults = {
        (scope, selector, parameter): value
        for (scope, selector), parameters in gin_state._CONFIG.items()
        for parameter, value in parameters.items()
    }
    gin.clear_config()
    return Origin(knobs, defaults)
