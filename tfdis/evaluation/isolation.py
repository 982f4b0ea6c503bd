"""Runs disentanglement_lib's metrics without a trace in numpy's global random state."""

import contextlib
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def seeded_numpy(seed: int) -> Iterator[None]:
    """Seeds numpy's global random state, which unseeded estimators use, and puts it back after."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)
