"""gin's decorator for public functions, which type checkers see through."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import gin

_Function = TypeVar("_Function", bound=Callable)


def configurable(
    name: str,
    module: str,
    allowlist: Sequence[str] | None = None,
    denylist: Sequence[str] | None = None,
) -> Callable[[_Function], _Function]:
    """`gin.configurable`; what it decorates keeps its type, where gin, which has no types, makes it Any.

    Args:
        name: name in gin.
        module: what may precede the name in gin.
        allowlist: names of the parameters that gin may bind; None for all.
        denylist: names of the parameters that gin may not bind.

    Returns:
        A decorator of functions.
    """
    return gin.configurable(name, module=module, allowlist=allowlist, denylist=denylist)
