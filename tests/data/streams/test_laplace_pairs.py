"""Pairs by Laplace transitions: probabilities, what is fixed, and that something always changes."""

import numpy as np
import pytest

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.splits.held_out import HeldOut
from tfdis.data.streams.laplace_pairs import laplace_factors, transition_probabilities
from tfdis.data.streams.pairs import pair_stream, sample_pairs


def test_probabilities_are_those_of_the_formula():
    # By loops in float64 of p(k) ~ exp(-|k - v| rate / ln n).
    for size, start, rate in [(6, 2, 1.0), (40, 39, 1.0), (32, 10, 6.0)]:
        weights = [np.exp(-abs(k - start) * rate / np.log(size)) for k in range(size)]
        found = transition_probabilities(np.array([start]), size, rate)
        np.testing.assert_allclose(found[0], np.array(weights) / sum(weights), rtol=1e-12)
    found = transition_probabilities(np.array([39]), 40, 1.0)[0]
    np.testing.assert_allclose(found[-3:], [0.1380753546, 0.1810701662, 0.2374529848], rtol=1e-9)

    # That nothing of dSprites' scale, angle, x and y changes from these values.
    cases = [(3, 6), (20, 40), (15, 32), (16, 32)]
    stays = [transition_probabilities(np.array([v]), n, 1.0)[0, v] for v, n in cases]
    assert np.prod(stays) == pytest.approx(0.0009486179021546635, rel=1e-9)


SIZES = np.array([3, 6, 40, 32, 1])
MOVING = np.array([False, True, True, True, False])


def _draw(start, num=40_000, rate=1.0, seed=0, sizes=SIZES, moving=MOVING):
    first = np.tile(start, (num, 1))
    return laplace_factors(first, sizes, np.random.RandomState(seed), moving, rate)


def test_values_are_drawn_by_the_probabilities_and_fixed_ones_stay():
    start = [1, 2, 39, 16, 0]
    second = _draw(start)
    assert np.all(second[:, [0, 4]] == [1, 0])
    for factor in (1, 2, 3):
        size = SIZES[factor]
        expected = transition_probabilities([start[factor]], size, 1.0)[0]
        counts = np.bincount(second[:, factor], minlength=size) / len(second)
        # A draw again after no change moves a share of .0008.
        np.testing.assert_allclose(counts, expected, atol=0.001 + 5 * np.sqrt(0.25 / len(second)))


def test_something_always_changes_and_which_factor_is_uniform():
    # At this rate a factor stays with probability .9997: the draw again decides.
    sizes, moving = np.array([4, 5, 3]), np.array([True, True, False])
    second = _draw([1, 4, 2], 20_000, rate=13.0, sizes=sizes, moving=moving)
    changed = second != [1, 4, 2]
    assert np.all(changed.any(axis=1)) and not changed[:, 2].any()
    np.testing.assert_allclose(changed[:, :2].mean(axis=0), 0.5, atol=0.02)
    # From 1 to 0 and to 2 alike, from 4 to 3 nearly always.
    neighbours = np.bincount(second[changed[:, 0], 0], minlength=4)
    np.testing.assert_allclose(neighbours[[0, 2]] / neighbours.sum(), 0.5, atol=0.03)
    assert np.bincount(second[changed[:, 1], 1]).argmax() == 3


def test_rates_of_their_own_are_uniform_on_1_to_10():
    sizes, moving = np.array([30, 30]), np.array([True, True])
    second = _draw([15, 15], 60_000, rate=None, sizes=sizes, moving=moving)
    rates = np.linspace(1, 10, 2001)
    expected = transition_probabilities(np.full(2001, 15), 30, rates).mean(axis=0)
    stays = np.mean(second[:, 0] == 15)
    both = np.mean(transition_probabilities(np.full(2001, 15), 30, rates)[:, 15] ** 2)
    assert stays == pytest.approx(expected[15] - both / 2, abs=0.01)


def test_pairs_of_dsprites_keep_the_shape_and_depend_on_seed_and_step_alone():
    data = get_named_ground_truth_data("dsprites_full")
    assert data.categorical_factors == ("shape",)
    options = {"batch_size": 16, "seed": 3, "sampling": "laplace", "with_differing": True}
    batches = [[v.numpy() for v in batch] for batch in pair_stream(data, **options).take(3)]
    again = next(iter(pair_stream(data, **options, start_step=2)))
    for a, b in zip(batches[2], again, strict=True):
        np.testing.assert_array_equal(a, b)
    differing = np.concatenate([batch[1] for batch in batches])
    assert differing.any(axis=1).all()
    assert differing.any(axis=0).tolist() == [False, True, True, True, True]
    free = next(iter(pair_stream(data, **options, fixed_factors=["scale"])))[1].numpy()
    assert free.any(axis=0).tolist() == [True, False, True, True, True]


def test_a_split_holds_for_both_images():
    held_out = HeldOut([("scale", 0.5, 1.0)])
    data = held_out(get_named_ground_truth_data("dsprites_full"))
    seen = []
    draw = data.sample_indices_from_factors
    data.sample_indices_from_factors = lambda f, s: seen.append(f) or draw(f, s)
    sample_pairs(data, 200, np.random.RandomState(0), "laplace")
    assert data.allows(seen[0]).all() and len(seen[0]) == 400


@pytest.mark.parametrize(
    "options",
    [
        {"fixed_factors": ["size"]},
        {"fixed_factors": ["scale", "orientation", "position x", "position y", "shape"]},
        {"laplace_rate": 0.0},
        {"num_differing": 1},
    ],
    ids=str,
)
def test_impossible_options_are_refused(options):
    data = get_named_ground_truth_data("dsprites_full")
    with pytest.raises(ValueError, match="Received"):
        sample_pairs(data, 4, np.random.RandomState(0), "laplace", **options)
