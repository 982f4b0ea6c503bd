"""Data sets of other makers: disentanglement_lib's interface alone, arrays, and sets that lie."""

import pickle

import numpy as np
import pytest

from tfdis import registry
from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams.first_batch import check_first_batch
from tfdis.data.streams.image_stream import evaluation_stream, image_stream
from tfdis.data.streams.pairs import pair_stream
from tfdis.data.streams.sampling import random_state_at
from tfdis.dlib import install

IMAGES = np.random.default_rng(0).integers(256, size=(5, 8, 9, 3)).astype(np.uint8)


class Dots:
    """No more than disentanglement_lib's interface: a dot whose place are the two factors."""

    num_factors = 2
    factors_num_values = (8, np.int64(9))
    observation_shape = np.array([8, 9, 1])

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(size, size=num) for size in (8, 9)], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        images = np.zeros([len(factors), 8, 9, 1])
        images[np.arange(len(factors)), factors[:, 0], factors[:, 1]] = 1
        return images

    def hottest(self):
        return "a method of its own"


def test_the_interface_alone_gets_names_and_provenance():
    data = as_ground_truth_data(Dots())
    assert (data.name, data.provenance) == ("Dots", "unknown")
    assert data.factor_names == ("factor 0", "factor 1")
    assert data.factors_num_values == [8, 9] and data.observation_shape == [8, 9, 1]
    assert data.hottest() == "a method of its own" and not hasattr(data, "num_images")
    copy = pickle.loads(pickle.dumps(data))
    states = np.random.RandomState(0), np.random.RandomState(0)
    for own, copied in zip(data.sample(3, states[0]), copy.sample(3, states[1]), strict=True):
        np.testing.assert_array_equal(own, copied)


def test_a_subclass_of_disentanglement_libs_class_will_do():
    install()
    from disentanglement_lib.data.ground_truth import ground_truth_data

    kind = type(
        "Own", (Dots, ground_truth_data.GroundTruthData), {"factor_names": ("row", "column")}
    )
    data = as_ground_truth_data(kind())
    assert data.factor_names == ("row", "column") and data.name == "Own"


@pytest.mark.parametrize("is_published", [False, True])
def test_a_complete_set_is_left_as_it_is(is_published):
    data = (
        get_named_ground_truth_data("dummy_data") if is_published else as_ground_truth_data(Dots())
    )
    assert as_ground_truth_data(data) is data


def test_a_registered_builder_may_return_it(monkeypatch):
    monkeypatch.setitem(registry.DATA_SETS, "my_dots", Dots)
    data = get_named_ground_truth_data("my_dots")
    assert data.name == "my_dots"
    images, factors = next(iter(image_stream(data, 4, seed=0, with_factors=True)))
    np.testing.assert_array_equal(Dots().sample_observations_from_factors(factors, None), images)


def test_pairs_are_drawn_from_it():
    pairs, differing = next(iter(pair_stream(Dots(), 4, seed=0, with_differing=True)))
    assert pairs.shape == (4, 2, 8, 9, 1) and differing.shape == (4, 2)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (IMAGES, IMAGES / 255),
        (IMAGES / np.float64(255), IMAGES / 255),
        (IMAGES[..., 0].astype(np.int64), IMAGES[..., :1] / 255),
        (IMAGES > 127, IMAGES > 127),
        ((IMAGES > 127).astype(np.uint8), IMAGES > 127),
    ],
    ids=["uint8", "floats", "without channels", "bool", "masks"],
)
def test_an_array_is_a_data_set(array, expected):
    images, factors = next(iter(image_stream(array, 16, seed=0, with_factors=True)))
    rows = factors.numpy()[:, 0]
    assert set(rows) == set(range(5))
    np.testing.assert_allclose(images, expected[rows], rtol=1e-6)
    held_out = next(iter(evaluation_stream(array, 16, seed=0, num_batches=1)))
    assert np.any(held_out.numpy() != images.numpy())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros([5, 64]), r"array of images .*Received: float64 of shape \(5, 64\)"),
        (np.zeros([0, 8, 8, 1]), r"shape \(0, 8, 8, 1\)"),
        (np.full([5, 8, 8], "a"), "Received: <U1"),
        ("dsprites_full", "Received: str, which lacks factors_num_values, observation_shape"),
        (None, "Received: NoneType"),
        (type("Half", (), {"factors_num_values": [2]})(), "Half, which lacks observation_shape"),
        (type("Few", (Dots,), {"factor_names": ("row",)})(), r"2 factor names for Few.*\['row'\]"),
    ],
)
def test_anything_else_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        image_stream(data, 4, seed=0)


@pytest.mark.parametrize(
    ("lies", "message"),
    [
        (
            {"observation_shape": [9, 8, 1]},
            r"shape \(4, 9, 8, 1\) from sample_observations_from_factors of .*Received: shape \(4, 8, 9, 1\)",
        ),
        ({"observation_shape": [9, 1, 8]}, "channels first"),
        ({"factors_num_values": [8, 2]}, r"from 0 to \[7, 1\].*Received: from .* to \[\d, [2-8]\]"),
        ({"factors_num_values": [8, 9, 2]}, r"Received: shape \(4, 2\)"),
    ],
)
@pytest.mark.parametrize("stream", [image_stream, pair_stream])
def test_a_set_that_draws_something_else_than_it_declares_is_refused(stream, lies, message):
    data = type("Lying", (Dots,), lies)()
    with pytest.raises(ValueError, match=message):
        stream(data, 4, seed=0)


def test_the_first_batch_is_the_streams_first():
    drawn = check_first_batch(as_ground_truth_data(IMAGES), 4, random_state_at(7, 3))
    np.testing.assert_array_equal(next(iter(image_stream(IMAGES, 4, seed=7, start_step=3))), drawn)


def test_an_enumerable_set_of_floats_is_refused(monkeypatch):
    data = get_named_ground_truth_data("xysquares")
    floats = data.images_at(np.arange(4)) / 255
    monkeypatch.setattr(data, "images_at", lambda indices: floats[: len(indices)])
    with pytest.raises(ValueError, match="uint8 0..255 from images_at of xysquares.*float64"):
        image_stream(data, 4, seed=0)
