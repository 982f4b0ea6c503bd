"""KITTI Masks and Natural Sprites: small files in the published formats, pairs of frames, and hostile files."""

import math
import pickle

import numpy as np
import pytest

from tfdis.data.formats.array_pickle import read_array_pickle
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets import natural_sprites
from tfdis.data.sets.kitti_masks import open_original
from tfdis.data.streams.pairs import pair_stream, sample_pairs

LENGTHS = (3, 9, 1)


def _sequences():
    """Squares whose x grows by one pixel a frame."""
    masks, latents = [], []
    for number, length in enumerate(LENGTHS):
        part = np.zeros([length, 64, 64], bool)
        for frame in range(length):
            part[frame, 20 * number : 20 * number + 4, frame : frame + 4] = True
        masks.append(part)
        values = [[20 * number + 1.5, frame + 1.5, 16] for frame in range(length)]
        latents.append(np.array(values, np.float32))
    return {"pedestrians": masks, "pedestrians_latents": latents}


@pytest.fixture
def pickled(originals):
    path = originals / "kitti_masks" / "kitti_peds_v2.pickle"
    path.parent.mkdir()
    path.write_bytes(pickle.dumps(_sequences()))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_of_every_protocol_are_read(tmp_path, protocol):
    arrays = _sequences() | {
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "big": np.arange(3, dtype=">f8"),
        "others": (1, 2.5, "text", None, [np.array(1.5)]),
    }
    path = tmp_path / "a.pickle"
    path.write_bytes(pickle.dumps(arrays, protocol))
    found = read_array_pickle(path)
    for name in ("fortran", "big"):
        np.testing.assert_array_equal(found[name], arrays[name])
        assert found[name].dtype == arrays[name].dtype
    for ours, theirs in zip(found["pedestrians"], arrays["pedestrians"], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert found["others"][:4] == arrays["others"][:4]


class _Hostile:
    def __init__(self, function, *arguments):
        self._call = function, arguments

    def __reduce__(self):
        return self._call


def _hostile(tmp_path):
    import os

    target = str(tmp_path / "executed")
    yield _Hostile(os.mkdir, target)
    yield {"pedestrians": [_Hostile(eval, f"__import__('os').mkdir({target!r})")]}
    yield [np.array([_Hostile(os.mkdir, target)], dtype=object)]
    yield np.array(["text"])
    yield np.zeros(2, [("a", "f4")])
    yield {1, 2}


@pytest.mark.parametrize("case", range(6))
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_nothing_of_a_hostile_pickle_is_executed(tmp_path, case, protocol):
    path = tmp_path / "a.pickle"
    path.write_bytes(pickle.dumps(list(_hostile(tmp_path))[case], protocol))
    with pytest.raises(ValueError, match="pickle of arrays of numbers"):
        read_array_pickle(path)
    assert not (tmp_path / "executed").exists()


def test_admitted_names_cannot_be_changed(tmp_path):
    """BUILD with a state, on the function that rebuilds arrays."""
    path = tmp_path / "a.pickle"
    code = b"\x80\x02cnumpy._core.multiarray\n_reconstruct\n}q\x00X\x01\x00\x00\x00aK\x01sb."
    path.write_bytes(code)
    with pytest.raises(ValueError, match="a state for a function"):
        read_array_pickle(path)


@pytest.mark.parametrize("data", [b"", b"<html>", pickle.dumps(_sequences())[:-500]])
def test_damaged_pickles_are_refused(pickled, data, cached):
    pickled.write_bytes(data)
    with pytest.raises(ValueError, match="Expected .* to hold"):
        open_original(pickled)
    assert cached() == []


def test_masks_have_their_bins_and_values(pickled):
    data = open_original(pickled, num_bins=3)
    assert data.num_images == 13 and data.factors_num_values == [3, 3, 3]
    np.testing.assert_array_equal(data.values, np.concatenate(_sequences()["pedestrians_latents"]))
    expected = np.concatenate(_sequences()["pedestrians"])[..., None] * np.uint8(255)
    np.testing.assert_array_equal(data.images_at(np.arange(13)), expected)
    assert data.labels[:, 0].tolist() == [0] * 3 + [1] * 9 + [2]


def _columns(images):
    """The first bright column of each image."""
    return images[..., 0].any(axis=-2).argmax(axis=-1)


def test_pairs_are_frames_of_one_sequence_at_most_five_apart(pickled):
    data = open_original(pickled)
    pairs, differing = sample_pairs(data, 3000, np.random.RandomState(0), "frames")
    rows = pairs[..., 0].any(axis=-1).argmax(axis=-1)
    np.testing.assert_array_equal(rows[:, 0], rows[:, 1])
    assert set(rows[:, 0]) == {0, 20}  # The sequence of one frame has no pair.
    first, second = _columns(pairs).T
    last = np.where(rows[:, 0] == 0, 2, 8)
    assert np.all(first < last) and np.all((second - first >= 1) & (second <= last))
    # From the middle of the long sequence all steps are alike, from frame 6 most end at the last.
    steps = np.bincount((second - first)[(rows[:, 0] == 20) & (first <= 3)], minlength=6)
    np.testing.assert_allclose(steps[1:] / steps.sum(), 0.2, atol=0.05)
    near = (second - first)[(rows[:, 0] == 20) & (first == 6)]
    assert np.mean(near == 2) == pytest.approx(0.8, abs=0.1)
    assert not differing[:, [0, 2]].any() and differing[:, 1].any()


def test_streams_of_frames_depend_on_seed_and_step_alone(pickled):
    data = get_named_ground_truth_data("kitti_masks")
    batches = list(pair_stream(data, 4, seed=1, sampling="frames").take(3).as_numpy_iterator())
    again = next(iter(pair_stream(data, 4, seed=1, start_step=2, sampling="frames"))).numpy()
    np.testing.assert_array_equal(batches[2], again)
    assert again.shape == (4, 2, 64, 64, 1) and set(np.unique(again)) == {0.0, 1.0}
    with pytest.raises(ValueError, match="data set of videos"):
        sample_pairs(
            get_named_ground_truth_data("xysquares"), 4, np.random.RandomState(0), "frames"
        )


def test_other_contents_are_refused(pickled):
    contents = _sequences()
    for wrong in (
        [],
        contents | {"pedestrians": contents["pedestrians"][:2]},
        contents | {"pedestrians": [m[:, :32] for m in contents["pedestrians"]]},
        contents | {"pedestrians": [m.astype(np.uint8) for m in contents["pedestrians"]]},
        contents | {"pedestrians_latents": [v[:, :2] for v in contents["pedestrians_latents"]]},
    ):
        pickled.write_bytes(pickle.dumps(wrong))
        with pytest.raises(ValueError, match="Expected .* to hold"):
            open_original(pickled)


def _write_sprites(originals, rows):
    path = originals / natural_sprites.FILE
    path.parent.mkdir(exist_ok=True)
    lines = ["id,category,frame0,frame1,frame2"]
    lines += [
        ",".join([str(i), "cat", *(f'"{cell}"' for cell in row)]) for i, row in enumerate(rows)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_sprites_are_pairs_of_consecutive_frames_with_usual_areas(originals):
    rows = [
        ["[[10.0, 20.0, 100.0], [30, 30, 120]]", "[[12.0, 20.0, 110.0], []]", ""],
        ["", "[[40, 40, 90]]", "[[41, 42, 95]]"],
        *([["[[32, 32, 100]]", "[[32, 33, 100]]", ""]] * 40),
        ["[[32, 32, 4000]]", "[[32, 33, 100]]", ""],
        ["[[32, 32, 1]]", "[[32, 33, 1]]", ""],
    ]
    pairs = natural_sprites.read_pairs(_write_sprites(originals, rows))
    assert [[40, 40, 90], [41, 42, 95]] not in pairs.tolist()  # Below the 5 % quantile.
    assert np.all(pairs[..., 2] == 100)
    data = get_named_ground_truth_data("natural_sprites")
    drawn, differing = sample_pairs(data, 50, np.random.RandomState(0), "frames")
    assert drawn.shape == (50, 2, 64, 64, 1) and 0 <= drawn.min() < drawn.max() == 1
    centres = (drawn[..., 0] * np.arange(64.0)).sum((2, 3)) / drawn.sum((2, 3, 4))
    np.testing.assert_allclose(centres[:, 1] - centres[:, 0], 1.0, atol=0.1)
    assert not differing[:, [0, 4]].any()


@pytest.mark.parametrize("shape", range(4))
def test_a_sprite_has_its_area_place_and_angle(shape):
    for angle in (0.0, 0.7):
        image = natural_sprites.draw_sprite(shape, 30.0, 25.0, 300.0, angle) / 255
        assert image.sum() == pytest.approx(300, rel=0.06)
        rows, columns = np.indices(image.shape)
        # Pixel 0 reaches from 0 to 1.
        assert (image * (rows + 0.5)).sum() / image.sum() == pytest.approx(30.0, abs=0.3)
        assert (image * (columns + 0.5)).sum() / image.sum() == pytest.approx(25.0, abs=0.3)
    turned = natural_sprites.draw_sprite(shape, 32.0, 32.0, 300.0, math.pi / 2)
    plain = natural_sprites.draw_sprite(shape, 32.0, 32.0, 300.0, 0.0)
    assert (np.abs(turned.astype(int) - plain).mean() < 8) == (shape != 1)


def test_sprites_of_factors_follow_the_centres_of_bins(originals):
    rows = [[f"[[{y}, {x}, {a}]]"] * 3 for y, x, a in [(0, 0, 50), (64, 64, 200), (32, 16, 100)]]
    data = natural_sprites.NaturalSprites(
        natural_sprites.read_pairs(_write_sprites(originals, rows * 30))
    )
    factors = np.array([[0, 8, 24, 3, 0]])
    image = data.sample_observations_from_factors(factors, np.random.RandomState(0))[0, ..., 0]
    rows, columns = np.indices(image.shape)
    assert (image * (columns + 0.5)).sum() / image.sum() == pytest.approx(8.5 * 2, abs=0.4)
    assert (image * (rows + 0.5)).sum() / image.sum() == pytest.approx(24.5 * 2, abs=0.4)
    drawn = data.sample_factors(200, np.random.RandomState(0))
    assert np.all(drawn >= 0) and np.all(drawn < data.factors_num_values)


@pytest.mark.parametrize("cell", ["[[1, 2]", "__import__('os')", "[[1, 'a', 3]]", "5"])
def test_cells_that_are_no_literals_are_refused(originals, cell):
    path = _write_sprites(originals, [[cell, cell, ""]])
    with pytest.raises(ValueError, match="literally"):
        natural_sprites.read_pairs(path)
