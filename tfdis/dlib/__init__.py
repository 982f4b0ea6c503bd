"""disentanglement_lib 1.5 on this stack: the only room that imports it.

Names are resolved on first use: scoring arrays needs a few files of this room, and no TensorFlow.
"""

import importlib
from typing import Any

_NAMES = {
    "NotComputableError": "scoring.metric_needs",
    "evaluate": "commands",
    "find_config": "configs",
    "install": "stack.importing",
    "postprocess": "commands",
}

__all__ = ["NotComputableError", "evaluate", "find_config", "install", "postprocess"]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}. Public names: {__all__}."
        )
    return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
