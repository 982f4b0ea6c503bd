"""Sprites: from arrays as the authors' script writes them."""

import numpy as np
import pytest

from tfdis.data.sets import sprites

NUM_VARIANTS = 2
NUM_TRAIN = 10


def _frames():
    shape = (16, 3, 3, 8, 64, 64, 3)
    return np.random.RandomState(0).randint(256, size=shape).astype(np.uint8)


@pytest.fixture
def folder(originals):
    folder = originals / sprites.FOLDER
    folder.mkdir(parents=True)
    order = np.random.RandomState(423).permutation(16)
    grid = np.array(list(np.ndindex(2, 2, 2, 2)))
    attributes = np.eye(2, dtype=np.float32)[grid][order]
    attributes = np.repeat(attributes[:, None], 8, axis=1)
    for a, action in enumerate(sprites.ACTIONS):
        for d, direction in enumerate(sprites.DIRECTIONS):
            frames = _frames()[order, a, d].astype(np.float32) / 256
            for kind, array in (("frames", frames), ("attributes", attributes)):
                np.save(folder / f"{action}_{direction}_{kind}_train.npy", array[:NUM_TRAIN])
                np.save(folder / f"{action}_{direction}_{kind}_test.npy", array[NUM_TRAIN:])
    return folder


def _open(folder):
    return sprites.Sprites(sprites.open_original(folder, NUM_VARIANTS), NUM_VARIANTS)


@pytest.mark.long
def test_images_are_in_the_order_of_the_grid(folder, assert_enumerates_itself):
    data = _open(folder)
    assert data.factors_num_values == [2, 2, 2, 2, 3, 3, 8]
    assert_enumerates_itself(data)
    np.testing.assert_array_equal(data.images_at(np.arange(1152)), _frames().reshape(-1, 64, 64, 3))


def test_the_full_set_has_the_published_sizes():
    assert sprites.factor_sizes() == (6, 6, 6, 6, 3, 3, 8)
    assert np.prod(sprites.factor_sizes()) == 93312


@pytest.mark.long
def test_other_contents_are_refused(folder, cached):
    frames, attributes = "walk_left_frames_test", "slash_right_attributes_train"
    for name, change, message in (
        (frames, lambda array: array / 2, "multiples of 1/256"),
        (frames, lambda array: array[:, :7], r"\(6, 7, 64, 64, 3\)"),
        (frames, lambda array: array.astype(float), "float64"),
        (attributes, lambda array: array[:, :, :, ::-1], "combinations missing"),
        (attributes, lambda array: array.astype(object), "Python objects"),
    ):
        path = folder / f"{name}.npy"
        array = np.load(path)
        np.save(path, change(array), allow_pickle=True)
        with pytest.raises(ValueError, match=message):
            _open(folder)
        assert cached() == [] and path.exists()
        np.save(path, array)


@pytest.mark.long
def test_damaged_files_are_refused(folder, cached):
    path = folder / "spellcard_front_frames_train.npy"
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"<html>", None):
        path.unlink()
        if damaged is not None:
            path.write_bytes(damaged)
        error = FileNotFoundError if damaged is None else ValueError
        with pytest.raises(error, match=path.name):
            _open(folder)
        assert cached() == []
