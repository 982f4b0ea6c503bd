"""Extraction: what it writes, and how it goes on after being killed."""

import json
import os

import gin
import keras
import numpy as np
import pytest

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.features_data import FeaturesData
from tfdis.data.streams.sampling import random_state_at, sample_batch
from tfdis.features import FeatureExtractor, GlobalAverage, GlobalMax
from tfdis.features import extraction as extraction_module
from tfdis.features.extraction import extract
from tfdis.features.fingerprint import fingerprint
from tfdis.files.growing_array import GrowingArray


def build_extractor(image_shape=(64, 64, 3), pooling=GlobalAverage, seed=0):
    keras.utils.set_random_seed(seed)
    backbone = keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Conv2D(4, 9, 8, activation="relu", bias_initializer="normal"),
            keras.layers.BatchNormalization(),
        ]
    )
    backbone.layers[-1].set_weights([*np.random.RandomState(seed).uniform(1, 2, (4, 4))])
    return FeatureExtractor(image_shape, backbone, pooling())


@pytest.fixture(scope="module")
def extractor():
    return build_extractor()


@pytest.fixture(scope="module")
def data():
    """64 images."""
    with gin.unlock_config():
        gin.parse_config("xysquares.num_placements = 2")
    return get_named_ground_truth_data("xysquares")


def _expected(extractor, data):
    images = data.images_at(np.arange(data.num_images)).astype(np.float32) / 255
    return extractor(images, training=False).numpy()


def test_every_image_once_in_the_order_of_the_grid(extractor, data, tmp_path):
    folder = tmp_path / "features"
    metadata = extract(data, extractor, folder, ["xysquares.num_placements = 2"], batch_size=7)
    assert sorted(os.listdir(folder)) == ["extractor.keras", "features.json", "features.npy"]
    features = np.load(folder / "features.npy")
    assert features.dtype == np.float32 and features.shape == (64, 4)
    np.testing.assert_allclose(features, _expected(extractor, data), atol=1e-6)
    assert features.std(axis=0).min() > 0
    assert json.loads((folder / "features.json").read_text()) == {
        "format": 1,
        "data_set": "xysquares",
        "options": ["xysquares.num_placements = 2"],
        "provenance": "generated",
        "image_shape": [64, 64, 3],
        "factor_names": list(data.factor_names),
        "factor_sizes": [2] * 6,
        "latent_factor_indices": list(range(6)),
        "num_rows": 64,
        "num_features": 4,
        "num_samples": 0,
        "random_seed": 0,
        "sample_batch_size": 0,
        "extractor": fingerprint(extractor),
    }
    factors = data.sample_factors(20, np.random.RandomState(1))
    states = [np.random.RandomState(2) for _ in range(2)]
    images = data.sample_observations_from_factors(factors, states[0])
    observations = FeaturesData(folder).sample_observations_from_factors(factors, states[1])
    np.testing.assert_allclose(observations[:, 0, 0], extractor(images), atol=1e-6)
    before = (folder / "features.npy").stat().st_mtime_ns
    assert extract(data, extractor, folder, ["xysquares.num_placements = 2"]) == metadata
    assert (folder / "features.npy").stat().st_mtime_ns == before


def test_samples_of_a_set_that_only_draws(tmp_path):
    data = get_named_ground_truth_data("dummy_data")
    extractor = build_extractor((64, 64, 1))
    extract(data, extractor, tmp_path / "f", num_samples=10, random_seed=3, batch_size=4)
    batches = [sample_batch(data, n, random_state_at(3, i)) for i, n in enumerate([4, 4, 2])]
    images, factors = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    np.testing.assert_array_equal(np.load(tmp_path / "f" / "factors.npy"), factors)
    features = np.load(tmp_path / "f" / "features.npy")
    np.testing.assert_allclose(features, extractor(images), atol=1e-6)
    with pytest.raises(ValueError, match="give extraction.num_samples"):
        extract(data, extractor, tmp_path / "g")
    assert not (tmp_path / "g").exists()


class Killed(BaseException):
    pass


@pytest.mark.long
@pytest.mark.parametrize("num_samples", [0, 50])
@pytest.mark.parametrize("torn_bytes", [0, 5])
def test_what_was_killed_goes_on_and_ends_the_same(
    extractor, data, tmp_path, monkeypatch, num_samples, torn_bytes
):
    options = {"num_samples": num_samples, "batch_size": 8}
    monkeypatch.setattr(extraction_module, "_BATCHES_IN_A_BLOCK", 2)
    extract(data, extractor, tmp_path / "whole", **options)
    append, calls = GrowingArray.append, []

    def die(self, rows):
        calls.append(len(rows))
        if sum(calls) > (60 if num_samples else 40):
            raise Killed
        append(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(GrowingArray, "append", die)
        with pytest.raises(Killed):
            extract(data, extractor, tmp_path / "killed", **options)
    assert not (tmp_path / "killed" / "features.npy").exists()
    with pytest.raises(FileNotFoundError, match="start the same command again"):
        FeaturesData(tmp_path / "killed")
    with open(tmp_path / "killed" / "features.npy.partial", "ab") as file:
        file.write(b"x" * torn_bytes)
    calls.clear()

    def count(self, rows):
        calls.append(len(rows))
        append(self, rows)

    monkeypatch.setattr(GrowingArray, "append", count)
    extract(data, extractor, tmp_path / "killed", **options)
    names = sorted(os.listdir(tmp_path / "whole"))
    assert sorted(os.listdir(tmp_path / "killed")) == names
    for name in names:
        if name != "extractor.keras":
            ours, theirs = (tmp_path / f / name for f in ("killed", "whole"))
            assert ours.read_bytes() == theirs.read_bytes(), name
    assert 0 < sum(calls) < (2 * 50 if num_samples else 64)


def test_another_configuration_is_refused_and_named(extractor, data, tmp_path):
    extract(data, extractor, tmp_path / "f")
    before = (tmp_path / "f" / "features.npy").read_bytes()
    other = build_extractor(seed=1)
    with pytest.raises(FileExistsError, match=f"extractor: {fingerprint(extractor)} there"):
        extract(data, other, tmp_path / "f")
    with pytest.raises(FileExistsError, match="num_samples: 0 there, 5 now"):
        extract(data, extractor, tmp_path / "f", num_samples=5)
    # Every image once, whatever the batches: nothing to do.
    extract(data, extractor, tmp_path / "f", batch_size=9)
    assert (tmp_path / "f" / "features.npy").read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years")
    with pytest.raises(FileExistsError, match="something else"):
        extract(data, extractor, tmp_path / "other")


def test_images_of_another_shape_and_bad_options_are_refused(extractor, data, tmp_path):
    with pytest.raises(ValueError, match=r"\(64, 64, 3\).*\(64, 64, 1\)"):
        extract(data, build_extractor((64, 64, 1)), tmp_path / "f")
    with pytest.raises(ValueError, match="batch_size of at least 1"):
        extract(data, extractor, tmp_path / "f", batch_size=0)
    assert os.listdir(tmp_path) == []


def test_fingerprint_follows_what_is_computed(extractor, tmp_path):
    extractor.save(tmp_path / "e.keras")
    loaded = keras.models.load_model(tmp_path / "e.keras")
    assert fingerprint(loaded) == fingerprint(build_extractor()) == fingerprint(extractor)
    others = [build_extractor(seed=1), build_extractor(pooling=GlobalMax)]
    for other in others:
        other.backbone.trainable = False
    assert len({fingerprint(e) for e in [extractor, *others]}) == 3
    loaded.backbone.trainable = False
    assert fingerprint(loaded) == fingerprint(extractor)
