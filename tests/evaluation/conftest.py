"""Codes whose scores theory knows: identity, permuted, rotated, duplicated and constant."""

import itertools

import numpy as np
import pytest

SIZES = (3, 4, 5)


@pytest.fixture(scope="session")
def factors():
    """The whole grid of three factors, ten times: every combination is exactly equally frequent."""
    grid = np.array(list(itertools.product(*map(range, SIZES))))
    return np.tile(grid, [10, 1])


@pytest.fixture(scope="session")
def identity(factors):
    """The factors themselves, each with variance 1."""
    return (factors - factors.mean(axis=0)) / factors.std(axis=0)


@pytest.fixture(scope="session")
def codes(identity):
    """Code by kind."""
    # A proper rotation in which each latent has a good share of each factor.
    third = 1 / 3
    rotation = np.array([[2, -1, 2], [2, 2, -1], [-1, 2, 2]]) * third
    return {
        "identity": identity,
        "permuted": -2.0 * identity[:, [2, 0, 1]],
        "rotated": identity @ rotation,
        "duplicated": np.concatenate([identity, identity], axis=1),
        "constant": np.full_like(identity, 0.3),
        "noise": np.random.RandomState(0).normal(size=identity.shape),
    }
