"""Streams: the same batch for the same (seed, step), and independent ones otherwise."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams.image_stream import evaluation_stream, image_stream
from tfdis.data.streams.sampling import random_state_at, sample_batch

NAMES = ["dsprites_full", "dsprites_noshape", "dsprites_hearts", "xysquares", "dummy_data"]


def _take(stream, num):
    return [batch.numpy() for batch in stream.take(num)]


@pytest.mark.parametrize("name", NAMES)
def test_batch_depends_on_seed_and_step_alone(name):
    data = get_named_ground_truth_data(name)
    batches = _take(image_stream(data, 8, seed=3), 6)
    for batch in batches:
        assert batch.dtype == np.float32 and batch.shape == (8, *data.observation_shape)
        assert 0 <= batch.min() < batch.max() <= 1
    resumed = _take(image_stream(data, 8, seed=3, start_step=4), 2)
    np.testing.assert_array_equal(resumed, batches[4:])
    assert np.any(batches[0] != batches[1])
    assert np.any(_take(image_stream(data, 8, seed=4), 1)[0] != batches[0])


@pytest.mark.parametrize("name", NAMES)
def test_factors_belong_to_their_images(name):
    data = get_named_ground_truth_data(name)
    plain = _take(image_stream(data, 8, seed=0), 1)[0]
    images, factors = next(iter(image_stream(data, 8, seed=0, with_factors=True)))
    np.testing.assert_array_equal(images, plain)
    assert factors.shape == (8, data.num_factors) and factors.dtype == tf.int64
    if name in ("dsprites_full", "dsprites_hearts", "xysquares"):
        expected = data.images_at(data.factors_to_indices(factors.numpy()))
        np.testing.assert_array_equal(images, expected.astype(np.float32) / 255)


def test_skipping_costs_nothing():
    data = get_named_ground_truth_data("xysquares")
    far = next(iter(image_stream(data, 4, seed=0, start_step=10**12)))
    images, _ = sample_batch(data, 4, random_state_at(0, 10**12))
    np.testing.assert_array_equal(far, images.astype(np.float32) / 255)


def test_evaluation_is_finite_repeats_and_differs_from_training():
    data = get_named_ground_truth_data("dsprites_hearts")
    stream = evaluation_stream(data, 8, seed=0, num_batches=3)
    batches = _take(stream, 10)
    assert len(batches) == 3 == stream.cardinality().numpy()
    np.testing.assert_array_equal(_take(stream, 10), batches)
    assert np.any(batches[0] != _take(image_stream(data, 8, seed=0), 1)[0])


def test_images_are_drawn_evenly_and_independently():
    data = get_named_ground_truth_data("dsprites_hearts")
    factors = np.concatenate(
        [sample_batch(data, 64, random_state_at(0, step))[1] for step in range(400)]
    )
    for column, size in enumerate(data.factors_num_values):
        counts = np.bincount(factors[:, column], minlength=size)
        expected = len(factors) / size
        chi_squared = np.sum((counts - expected) ** 2) / expected
        assert chi_squared < size - 1 + 5 * np.sqrt(2 * (size - 1))
    assert abs(np.corrcoef(factors[:-64, 1], factors[64:, 1])[0, 1]) < 5 / np.sqrt(len(factors))


def test_seeds_steps_and_folds_never_share_a_sequence():
    keys = [
        (0, 1, "train"),
        (1, 0, "train"),
        (0, 1, "evaluation"),
        (-1, 1, "train"),
        (2**40, 1, "train"),
    ]
    draws = {random_state_at(*key).randint(2**62) for key in keys}
    assert len(draws) == len(keys)


@pytest.mark.parametrize("step, fold", [(-1, "train"), (2**56, "train"), (0, "test")])
def test_steps_and_folds_out_of_range_are_refused(step, fold):
    with pytest.raises(ValueError, match="Expected a step"):
        random_state_at(0, step, fold)


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"batch_size": 4, "start_step": -1}])
def test_impossible_streams_are_refused(options):
    with pytest.raises(ValueError, match="Expected batch_size"):
        image_stream(get_named_ground_truth_data("dummy_data"), seed=0, **options)


@pytest.mark.long
def test_keras_takes_it_with_several_steps_an_execution():
    data = get_named_ground_truth_data("dsprites_hearts")
    stream = image_stream(data, 8, seed=0, with_factors=True)
    assert stream.cardinality().numpy() == tf.data.INFINITE_CARDINALITY
    stream = stream.map(lambda images, factors: (images, factors[:, :1]))
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", steps_per_execution=2)
    assert np.isfinite(
        model.fit(stream, steps_per_epoch=4, shuffle=False, verbose=0).history["loss"]
    ).all()


def test_a_strategy_shares_out_each_batch():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    data = get_named_ground_truth_data("dsprites_hearts")
    stream = image_stream(data, 8, seed=0)
    distributed = strategy.experimental_distribute_dataset(stream)
    np.testing.assert_array_equal(next(iter(distributed)), _take(stream, 1)[0])


def test_shards_are_every_nth_batch():
    stream = image_stream(get_named_ground_truth_data("dsprites_hearts"), 8, seed=0)
    np.testing.assert_array_equal(_take(stream.shard(2, 1), 2), _take(stream, 4)[1::2])
