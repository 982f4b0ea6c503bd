"""Runs disentanglement_lib's metrics without leaving a trace in NumPy's global random state."""

import contextlib
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def seeded_numpy(seed: int) -> Iterator[None]:
    """Seeds NumPy's global random state, which unseeded estimators use, and restores it afterwards."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)
