"""gin names: those of one package, and those that two packages have registered."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gin import config as gin_state


class Option(NamedTuple):
    """What a gin name stands for.

    Attributes:
        function: the function or class.
        bindable: names of its parameters that gin may bind.
    """

    function: Callable
    bindable: tuple[str, ...]


def options_of_package(package: str) -> dict[str, Option]:
    """The gin names that the modules of a package have registered, sorted.

    Args:
        package: first part of gin modules' names, e.g. "tfdis".

    Example:
        >>> import gin
        >>> _ = gin.external_configurable(lambda sugar=0, cup=1: sugar, "scone", "cakes", denylist=["cup"])
        >>> options_of_package("cakes")["scone"].bindable
        ('sugar',)
    """
    found = {}
    for selector, entry in gin_state._REGISTRY.items():
        if selector.startswith(f"{package}."):
            names = entry.allowlist or inspect.signature(entry.wrapped).parameters
            bindable = tuple(name for name in names if name not in (entry.denylist or ()))
            found[entry.name.rpartition(".")[2]] = Option(entry.wrapped, bindable)
    return dict(sorted(found.items()))


@contextlib.contextmanager
def without_names_of(*packages: str) -> Iterator[None]:
    """Hides configurables from gin inside, where another package has one of the same name.

    disentanglement_lib's own training code and tfdis's models share their gin names (`vae.beta`). Once a
    process has loaded both, gin refuses them as ambiguous unless one of the two is out of sight. Names
    that the current configuration binds stay.

    Args:
        *packages: first parts of gin modules' names, e.g. "tfdis".

    Example:
        >>> import gin
        >>> for module in ("first.models", "second.models"):
        ...     _ = gin.external_configurable(lambda beta: beta, "shared_name", module)
        >>> with without_names_of("second"):
        ...     gin.bind_parameter("shared_name.beta", 4)
        ...     gin.query_parameter("first.models.shared_name.beta")
        4
    """
    registry = gin_state._REGISTRY
    hidden = {selector: registry[selector] for selector in _shared_names(packages)}
    for selector in hidden:
        registry.pop(selector)
    try:
        yield
    finally:
        for selector, configurable in hidden.items():
            registry[selector] = configurable


def _shared_names(packages: tuple[str, ...]) -> list[str]:
    """Selectors of these packages whose last part a selector of another package has too."""
    in_use = {selector for _, selector in (*gin_state._CONFIG, *gin_state._OPERATIVE_CONFIG)}
    selectors = [selector for selector, _ in gin_state._REGISTRY.items()]
    own = [
        selector for selector in selectors if selector.startswith(tuple(f"{p}." for p in packages))
    ]
    others = {selector.rpartition(".")[2] for selector in set(selectors) - set(own)}
    return [s for s in own if s.rpartition(".")[2] in others and s not in in_use]
