"""The data set `features`: rows by factors, draws, streams, and folders that are not whole."""

import dataclasses
import json

import gin
import numpy as np
import pytest

from tfdis.data.formats.features_format import FeaturesMetadata, read_features_metadata
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.features_data import FeaturesData
from tfdis.data.sizes import epoch_steps, observation_size
from tfdis.data.streams.image_stream import image_stream

# The middle factor is hidden: drawn with every image.
METADATA = FeaturesMetadata(
    data_set="xysquares",
    options=("xysquares.grid_spacing = 4",),
    provenance="generated",
    image_shape=(64, 64, 3),
    factor_names=("a", "b"),
    factor_sizes=(3, 2, 4),
    latent_factor_indices=(0, 2),
    num_rows=24,
    num_features=5,
    num_samples=0,
    random_seed=0,
    sample_batch_size=0,
    extractor="abc",
)


def write(folder, metadata=METADATA, features=None, factors=None):
    folder.mkdir()
    (folder / "features.json").write_text(metadata.as_json())
    shape = (metadata.num_rows, metadata.num_features)
    if features is None:
        # Out of [0, 1], and its row can be read off the first value.
        features = np.arange(np.prod(shape)).reshape(shape) - 7.5
    np.save(folder / "features.npy", features.astype(np.float32))
    if factors is not None:
        np.save(folder / "factors.npy", factors)
    return str(folder)


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "features")


def _rows(observations):
    return (observations[:, 0, 0, 0] + 7.5) / 5


def test_describes_itself(path):
    data = FeaturesData(path)
    assert data.factors_num_values == [3, 4] and data.factor_names == ("a", "b")
    assert data.observation_shape == [1, 1, 5] and data.num_images == 24
    assert data.provenance == "generated" and data.name == "features"


def test_observations_are_the_rows_of_their_factors_and_a_drawn_hidden_one(path):
    data, factors = FeaturesData(path), np.repeat([[2, 3], [0, 1]], 200, axis=0)
    rows = _rows(data.sample_observations_from_factors(factors, np.random.RandomState(0)))
    for rows_of_one, (a, b) in ((rows[:200], (2, 3)), (rows[200:], (0, 1))):
        expected = {a * 8 + hidden * 4 + b for hidden in (0, 1)}
        assert set(rows_of_one.astype(int)) == expected


def test_a_stream_passes_floats_unchanged(path):
    batch = next(iter(image_stream(FeaturesData(path), 64, seed=0))).numpy()
    assert batch.shape == (64, 1, 1, 5) and batch.dtype == np.float32
    rows = _rows(batch)
    np.testing.assert_array_equal(rows, np.round(rows))
    assert len(set(rows)) > 12
    np.testing.assert_array_equal(batch[:, 0, 0, 4], rows * 5 - 7.5 + 4)


def test_samples_keep_their_own_factors(tmp_path):
    metadata = dataclasses.replace(METADATA, num_rows=6, num_samples=6)
    factors = np.array([[2, 3], [2, 3], [0, 1], [1, 1], [0, 0], [2, 0]])
    data = FeaturesData(write(tmp_path / "f", metadata, factors=factors))
    drawn, observations = data.sample(50, np.random.RandomState(0))
    np.testing.assert_array_equal(drawn, factors[_rows(observations).astype(int)])
    with pytest.raises(ValueError, match="without num_samples"):
        data.sample_observations_from_factors(factors, np.random.RandomState(0))


def test_by_name_and_sizes_for_gin(path):
    gin.parse_config([f"features.path = {path!r}", "dataset.name = 'features'"])
    assert get_named_ground_truth_data().num_images == 24
    assert observation_size() == 5
    assert epoch_steps(batch_size=10) == 3 and epoch_steps(batch_size=10, num_epochs=20) == 60
    assert epoch_steps(batch_size=8) == 3 and epoch_steps(batch_size=8, num_images=9) == 2
    with pytest.raises(ValueError, match="at least 1"):
        epoch_steps(batch_size=0)


def test_an_epoch_of_a_set_that_draws_its_images_has_no_length():
    gin.parse_config("dataset.name = 'dummy_data'")
    with pytest.raises(ValueError, match="bind epoch_steps.num_images"):
        epoch_steps(batch_size=10)


def test_a_folder_that_is_not_whole_is_refused(path, tmp_path):
    with pytest.raises(ValueError, match="Expected features.path"):
        get_named_ground_truth_data("features")
    with pytest.raises(FileNotFoundError, match="bin/extract_features"):
        FeaturesData(tmp_path / "absent")
    (tmp_path / "features" / "features.json").unlink()
    with pytest.raises(FileNotFoundError, match="start the same command again"):
        FeaturesData(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "data_set": 3}'])
def test_damaged_metadata_are_refused(path, tmp_path, text):
    (tmp_path / "features" / "features.json").write_text(text)
    with pytest.raises(ValueError, match="metadata of features.*extract the features again"):
        read_features_metadata(path)


def test_an_array_that_does_not_match_is_refused(path, tmp_path):
    np.save(tmp_path / "features" / "features.npy", np.zeros((24, 4), np.float32))
    with pytest.raises(ValueError, match=r"\(24, 5\).*\(24, 4\)"):
        FeaturesData(path)
    content = np.zeros((24, 5), np.float32)
    np.save(tmp_path / "features" / "features.npy", content)
    whole = (tmp_path / "features" / "features.npy").read_bytes()
    (tmp_path / "features" / "features.npy").write_bytes(whole[:-4])
    with pytest.raises(ValueError):
        FeaturesData(path)


def test_features_of_another_extractor_are_refused(path):
    gin.parse_config([f"features.path = {path!r}", "features.extractor = 'other'"])
    with pytest.raises(ValueError, match="extractor other.*another one, abc"):
        get_named_ground_truth_data("features")


def test_metadata_survive_json(path):
    assert read_features_metadata(path) == METADATA
    assert json.loads(METADATA.as_json())["format"] == 1
