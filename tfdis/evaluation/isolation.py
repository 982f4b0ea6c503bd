"""Runs disentanglement_lib's metrics without a trace in gin or in numpy's global random state."""

import contextlib
from collections.abc import Iterator

import gin
import gin.config
import numpy as np


@contextlib.contextmanager
def isolated_gin(bindings: str) -> Iterator[None]:
    """Only `bindings` are bound inside; afterwards gin is as it was, its record of use included.

    A training run that is scored must save the configuration that it trained with, nothing else, and
    gin has no public way to take a binding back.
    """
    kept = [gin.config._CONFIG, gin.config._OPERATIVE_CONFIG]
    before = [dict(table) for table in kept]
    with gin.unlock_config():
        try:
            for table in kept:
                table.clear()
            gin.parse_config(bindings)
            yield
        finally:
            for table, content in zip(kept, before, strict=True):
                table.clear()
                table.update(content)


@contextlib.contextmanager
def seeded_numpy(seed: int) -> Iterator[None]:
    """Seeds numpy's global random state, which unseeded estimators use, and puts it back after."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)
