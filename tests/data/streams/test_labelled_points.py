"""Labelled points: a pure function of the seed; batches of the step; splits without overlap; bad input."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams import labelled_points as streams
from tfdis.data.streams.image_stream import image_stream
from tfdis.data.streams.labellers import noisy_labeller


@pytest.fixture(scope="module")
def data():
    return get_named_ground_truth_data("dsprites_hearts")


def test_they_are_drawn_in_dlib_s_order(data):
    state = np.random.RandomState(5)
    factors = data.sample_factors(40, state)
    images = data.sample_observations_from_factors(factors, state)
    labels, _ = noisy_labeller(factors.astype(np.int64), data, state, prob_random=0.5)
    points = streams.sample_labelled_points(
        data, 40, 5, lambda *given: noisy_labeller(*given, prob_random=0.5)
    )
    np.testing.assert_array_equal(points.factors, factors)
    np.testing.assert_array_equal(points.labels, labels)
    np.testing.assert_allclose(points.images / 255.0, images, atol=1e-6)


def test_a_seed_gives_the_same_points_and_another_seed_others(data):
    first, again, other = (streams.sample_labelled_points(data, 40, seed) for seed in (1, 1, 2))
    for name in ("images", "factors", "labels"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.factors, other.factors)


def test_sets_that_draw_their_images_have_points_too():
    data = get_named_ground_truth_data("dummy_data")
    points = streams.sample_labelled_points(data, 10, seed=0)
    assert points.images.dtype == np.float32 and points.labels.shape == (10, 10)


@pytest.mark.parametrize("start", [0, 7])
def test_batch_t_has_the_points_that_follow_t_batches(data, start):
    points = streams.sample_labelled_points(data, 10, seed=0)
    own = image_stream(data, 3, seed=0, start_step=start)
    joined = streams.with_labelled_batches(own, points, batch_size=4, start_step=start)
    for step, (x, (images, labels)) in enumerate(joined.take(5), start=start):
        rows = [(4 * step + i) % 10 for i in range(4)]
        np.testing.assert_array_equal(labels, points.labels[rows])
        np.testing.assert_allclose(images, points.images[rows] / 255.0, atol=1e-7)
        assert x.shape == (3, 64, 64, 1)


def test_labels_of_the_stream_come_before_the_labelled_batch(data):
    points = streams.sample_labelled_points(data, 10, seed=0)
    own = image_stream(data, 3, seed=0, with_factors=True)
    x, (factors, images, labels) = next(iter(streams.with_labelled_batches(own, points, 4)))
    assert [len(part) for part in (x, factors, images, labels)] == [3, 3, 4, 4]


def test_a_finite_stream_stays_finite(data):
    points = streams.sample_labelled_points(data, 10, seed=0)
    own = tf.data.Dataset.from_tensors(tf.zeros([2, 64, 64, 1])).repeat(3)
    assert len(list(streams.with_labelled_batches(own, points, 4))) == 3


def test_validation_points_are_no_training_images(data):
    points = streams.sample_labelled_points(data, 1000, seed=0)
    training, validation = streams.split_points(points, 0.805)
    assert len(training) == 805  # Rounded up.
    np.testing.assert_array_equal(training.factors, points.factors[:805])
    known = set(map(tuple, training.factors.tolist()))
    rest = [row for row in points.factors[805:].tolist() if tuple(row) not in known]
    np.testing.assert_array_equal(validation.factors, rest)
    assert 0 < len(validation) < 195  # Of 1,536 images some were drawn twice.


def test_all_points_may_be_for_training(data):
    training, validation = streams.split_points(streams.sample_labelled_points(data, 9, 0), 1.0)
    assert len(training) == 9 and len(validation) == 0


def test_a_file_keeps_factors_and_labels(data, tmp_path):
    points = streams.sample_labelled_points(data, 20, seed=3)
    path = tmp_path / "results" / "points.npz"
    streams.write_points(path, points, num_training=18, seed=3)
    with np.load(path, allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["factors"], points.factors)
        assert saved["factor_sizes"].tolist() == [6, 32, 8]
        assert saved["num_training"] == 18 and saved["seed"] == 3
    streams.check_same_points(path, points)
    with pytest.raises(ValueError, match="labelled images that the run began with"):
        streams.check_same_points(path, streams.sample_labelled_points(data, 20, seed=4))


@pytest.mark.parametrize(
    ("num", "message"),
    [(0, "from 1 to 1536.*Received: 0"), (1537, "from 1 to 1536.*Received: 1537")],
)
def test_no_labels_and_more_labels_than_images_are_one_clear_error(data, num, message):
    with pytest.raises(ValueError, match=message):
        streams.sample_labelled_points(data, num, seed=0)


@pytest.mark.parametrize("fraction", [0.0, -0.5, 1.1, 90])
def test_a_split_out_of_range_is_one_clear_error(data, fraction):
    points = streams.sample_labelled_points(data, 10, seed=0)
    with pytest.raises(ValueError, match=rf"above 0 and up to 1.*Received: {fraction}"):
        streams.split_points(points, fraction)


def test_a_validation_part_of_training_images_alone_is_one_clear_error(data):
    points = streams.sample_labelled_points(data, 10, seed=0)
    twice = points.at(np.array([*range(10), *range(10)]))
    with pytest.raises(ValueError, match="none of them a training image.*0 are left"):
        streams.split_points(twice, 0.5)
