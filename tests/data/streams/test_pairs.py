"""Pairs: which factors differ, how often, and as a function of (seed, step) alone."""

import gin
import numpy as np
import pytest

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.xysquares import XYSquares
from tfdis.data.streams.pairs import pair_stream, sample_pairs


def _factors(data, pairs):
    """Factors of XYSquares read off the pixels: [num, 2, 6]."""
    found = []
    for channel in range(3):
        for axis in (2, 3):  # Columns are x, rows are y.
            start = pairs[..., channel].any(axis=5 - axis).argmax(axis=2)
            found.append((start - data.offset) // data.grid_spacing)
    return np.stack(found, axis=-1)[..., [1, 0, 3, 2, 5, 4]]


def _sample(num=2000, seed=0, **options):
    data = XYSquares()
    pairs, differing = sample_pairs(data, num, np.random.RandomState(seed), **options)
    return _factors(data, pairs), differing


def test_exactly_the_named_factors_differ_and_their_number_is_uniform():
    factors, differing = _sample()
    np.testing.assert_array_equal(factors[:, 0] != factors[:, 1], differing)
    counts = np.bincount(differing.sum(axis=1), minlength=7)
    assert counts[0] == 0
    expected = 2000 / 6
    assert ((counts[1:] - expected) ** 2 / expected).sum() < 5 + 5 * np.sqrt(10)


def test_every_factor_and_every_other_value_is_equally_likely():
    factors, differing = _sample(num=4000)
    rates = differing.mean(axis=0)
    np.testing.assert_allclose(rates, 3.5 / 6, atol=5 * np.sqrt(0.25 / 4000))
    shift = (factors[:, 1] - factors[:, 0]) % 8
    counts = np.bincount(shift[differing], minlength=8)
    assert counts[0] == 0
    expected = differing.sum() / 7
    assert ((counts[1:] - expected) ** 2 / expected).sum() < 6 + 5 * np.sqrt(12)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_a_fixed_number_of_differing_factors(k):
    _, differing = _sample(num=200, num_differing=k)
    assert set(differing.sum(axis=1)) == {k}


def test_dlibs_pairs_touch_one_or_k_factors_and_name_the_last():
    factors, last = _sample(num=8000, sampling="dlib")
    differs = factors[:, 0] != factors[:, 1]
    assert set(last.sum(axis=1)) == {1}
    assert differs.sum(axis=1).max() <= 5
    # A touched factor keeps its value with probability 1/8.
    np.testing.assert_allclose(differs[last].mean(), 7 / 8, atol=0.02)
    # k touched: half of the pairs 1, half uniform on 1..5; each differs with probability 7/8.
    mean_touched = 0.5 * 1 + 0.5 * 3
    np.testing.assert_allclose(differs.sum(axis=1).mean(), mean_touched * 7 / 8, atol=0.06)


def test_dlibs_pairs_may_touch_every_factor():
    factors, last = _sample(num=2000, sampling="dlib", num_differing=6)
    differs = factors[:, 0] != factors[:, 1]
    assert set(last.sum(axis=1)) == {1}
    # Half of the pairs 1, half all 6; each touched factor differs with probability 7/8.
    np.testing.assert_allclose(differs.sum(axis=1).mean(), 3.5 * 7 / 8, atol=0.25)
    assert differs.sum(axis=1).max() == 6


def test_factors_of_one_value_never_differ():
    data = get_named_ground_truth_data("dsprites_hearts")
    sizes = np.array(data.factors_num_values)
    _, differing = sample_pairs(data, 300, np.random.RandomState(0))
    assert set(differing.sum(axis=1)) == set(range(1, (sizes > 1).sum() + 1))
    assert not differing[:, sizes == 1].any()


@pytest.mark.parametrize("name", ["xysquares", "dummy_data", "dsprites_hearts"])
def test_batches_depend_on_seed_and_step_alone(name):
    data = get_named_ground_truth_data(name)

    def take(num, **options):
        return [b.numpy() for b in pair_stream(data, 4, **options).take(num)]

    batches = take(5, seed=3)
    for batch in batches:
        assert batch.dtype == np.float32 and batch.shape == (4, 2, *data.observation_shape)
        assert 0 <= batch.min() < batch.max() <= 1
    np.testing.assert_array_equal(take(2, seed=3, start_step=3), batches[3:])
    assert np.any(take(1, seed=4)[0] != batches[0])
    evaluation = take(9, seed=3, num_batches=2)
    assert len(evaluation) == 2
    assert np.any(evaluation[0] != batches[0])


def test_labels_come_with_their_pairs():
    data = get_named_ground_truth_data("xysquares")
    pairs, differing = next(iter(pair_stream(data, 6, seed=0, with_differing=True)))
    factors = _factors(data, np.round(pairs.numpy() * 255).astype("uint8"))
    np.testing.assert_array_equal(factors[:, 0] != factors[:, 1], differing)


def test_gin_chooses_the_sampling():
    gin.parse_config(["pairs.sampling = 'dlib'"])
    data = get_named_ground_truth_data("xysquares")
    _, differing = next(iter(pair_stream(data, 64, seed=0, with_differing=True)))
    assert set(differing.numpy().sum(axis=1)) == {1}


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 0},
        {"start_step": -1},
        {"sampling": "some"},
        {"num_differing": 7},
        {"num_differing": 0},
        {"num_differing": 7, "sampling": "dlib"},
    ],
)
def test_impossible_pairs_are_refused(options):
    options = {"batch_size": 4, "seed": 0, **options}
    with pytest.raises(ValueError, match="Received"):
        pair_stream(get_named_ground_truth_data("xysquares"), **options)
