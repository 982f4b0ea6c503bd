"""The grid of factors: positions, draws, and what it refuses."""

import itertools

import numpy as np
import pytest

from tfdis.data.state_space import FactorStateSpace

SIZES = (3, 1, 4, 2)


def test_positions_count_like_nested_loops():
    space = FactorStateSpace(SIZES)
    loops = np.array(list(itertools.product(*map(range, SIZES))))
    assert space.num_states == 24
    np.testing.assert_array_equal(space.factors_of(np.arange(24)), loops)
    np.testing.assert_array_equal(space.states_of(loops), np.arange(24))


def test_visible_factors_are_drawn_first_then_the_hidden_ones():
    space = FactorStateSpace(SIZES, latent_factor_indices=[2, 3])
    state = np.random.RandomState(5)
    latent = space.sample_latent_factors(7, state)
    complete = space.sample_hidden_factors(latent, state)

    expected = np.random.RandomState(5)
    columns = {index: expected.randint(SIZES[index], size=7) for index in (2, 3, 0, 1)}
    np.testing.assert_array_equal(complete, np.stack([columns[i] for i in range(4)], axis=1))
    assert latent.dtype == complete.dtype == np.int64
    assert state.randint(10**9) == expected.randint(10**9)


def test_draws_cover_each_value_evenly():
    factors = FactorStateSpace(SIZES).sample_latent_factors(40000, np.random.RandomState(0))
    for column, size in enumerate(SIZES):
        shares = np.bincount(factors[:, column], minlength=size) / len(factors)
        np.testing.assert_allclose(shares, 1 / size, atol=0.01)


@pytest.mark.parametrize("factors", [[[3, 0, 0, 0]], [[0, 0, -1, 0]], [[0, 0, 0]], [0, 0, 0, 0]])
def test_factors_outside_the_grid_are_refused(factors):
    with pytest.raises(ValueError, match="Expected factor"):
        FactorStateSpace(SIZES).complete(np.array(factors))


@pytest.mark.parametrize(
    "arguments", [([],), ([2, 0],), ([2, 2], [2]), ([2, 2], [0, 0]), ([2, 2], [-1])]
)
def test_impossible_grids_are_refused(arguments):
    with pytest.raises(ValueError, match="Expected"):
        FactorStateSpace(*arguments)
