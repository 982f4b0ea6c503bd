"""Small files in the formats of the originals, and disentanglement_lib's loaders to compare with."""

import importlib

import numpy as np
import pytest


@pytest.fixture
def originals(tmp_path, monkeypatch):
    """An empty folder for original files, with an empty cache of its own."""
    folder = tmp_path / "originals"
    folder.mkdir()
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(folder))
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def cached(tmp_path):
    """Names of what is in the cache of `originals`."""

    def names():
        cache = tmp_path / "cache"
        return sorted(entry.name for entry in cache.iterdir()) if cache.exists() else []

    return names


@pytest.fixture
def dlib_module(monkeypatch):
    """Imports one of disentanglement_lib's loaders, with what today's Pillow lacks for it."""
    pytest.importorskip("disentanglement_lib")
    import tfdis.dlib

    tfdis.dlib.install()
    from PIL import Image

    thumbnail = Image.Image.thumbnail
    monkeypatch.setattr(Image, "ANTIALIAS", Image.Resampling.LANCZOS, raising=False)
    monkeypatch.setattr(
        Image.Image,
        "thumbnail",
        lambda image, size, *args, **options: thumbnail(image, size[:2], *args, **options),
    )
    return lambda name: importlib.import_module(f"disentanglement_lib.data.ground_truth.{name}")


@pytest.fixture
def set_dlib_grid():
    """Gives one of disentanglement_lib's sets a smaller grid than the original files have."""

    def set_grid(data, factor_sizes, features=None):
        util = importlib.import_module("disentanglement_lib.data.ground_truth.util")
        data.factor_sizes = list(factor_sizes)
        data.factor_bases = np.prod(factor_sizes) / np.cumprod(factor_sizes)
        data.state_space = util.SplitDiscreteStateSpace(
            data.factor_sizes, data.latent_factor_indices
        )
        if features is not None:
            data.index = util.StateSpaceAtomIndex(data.factor_sizes, features)
        return data

    return set_grid


@pytest.fixture
def assert_same_draws():
    """Draws from two sets with two generators of one seed, and compares everything, to the end."""

    def check(ours, theirs, clip=False):
        assert ours.num_factors == theirs.num_factors
        assert list(ours.factors_num_values) == list(theirs.factors_num_values)
        assert list(ours.observation_shape) == list(theirs.observation_shape)
        states = [np.random.RandomState(3) for _ in range(2)]
        for num in (1, 50, 7):
            factors, images = ours.sample(num, states[0])
            expected_factors, expected = theirs.sample(num, states[1])
            np.testing.assert_array_equal(factors, expected_factors)
            assert factors.dtype == expected_factors.dtype
            expected = np.clip(expected, 0, 1) if clip else expected
            # Models take float32; some of disentanglement_lib's sets draw float64.
            np.testing.assert_array_equal(images, expected.astype(np.float32))
            assert images.dtype == np.float32
        assert states[0].randint(10**9) == states[1].randint(10**9)

    return check


@pytest.fixture
def assert_enumerates_itself():
    """Factor -> index -> factor is exact, and drawing gives the images of the indices."""

    def check(data):
        indices = np.arange(data.num_images)
        factors = data.indices_to_factors(indices)
        np.testing.assert_array_equal(
            data.indices_to_factors(data.factors_to_indices(factors)), factors
        )
        if not data.state_space.hidden_factor_indices:
            np.testing.assert_array_equal(data.factors_to_indices(factors), indices)
        images = data.images_at(indices)
        assert images.dtype == np.uint8
        states = [np.random.RandomState(1) for _ in range(2)]
        drawn = data.sample_indices_from_factors(factors, states[0])
        np.testing.assert_array_equal(
            data.sample_observations_from_factors(factors, states[1]),
            images[drawn].astype(np.float32) / 255,
        )

    return check
