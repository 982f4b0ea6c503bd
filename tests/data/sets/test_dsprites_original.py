"""The original archive: disentanglement_lib's images and draws, and every damage told."""

import itertools
import os
import zipfile

import numpy as np
import pytest

from tfdis.data.sets.dsprites import original as dsprites_original
from tfdis.data.sets.dsprites.dsprites import DSprites, dsprites_images
from tfdis.data.sets.dsprites.original import open_original

SIZES = (1, 3, 2, 4, 3, 5)
NUM_IMAGES = 360


class _Trap:
    """Pickled into an archive, it would make a folder when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def _arrays():
    images = np.random.RandomState(1).randint(2, size=(NUM_IMAGES, 64, 64)).astype(np.uint8)
    classes = np.array(list(itertools.product(*map(range, SIZES))), dtype=np.int64)
    metadata = {"latents_sizes": np.array(SIZES), "title": "dSprites, a small one for tests"}
    return {
        "metadata": np.array(metadata, dtype=object),
        "imgs": images,
        "latents_classes": classes,
        "latents_values": classes / 10,
    }


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A small archive in the original's format, where disentanglement_lib looks for it."""
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path / "cache"))
    path = dsprites_original.original_path()
    path.parent.mkdir()
    np.savez_compressed(path, **_arrays())
    return path


def _change(path, **changes):
    arrays = {**_arrays(), **changes}
    np.savez_compressed(path, **{name: a for name, a in arrays.items() if a is not None})


@pytest.fixture
def dlib_dsprites(archive, monkeypatch):
    tfdis_dlib = pytest.importorskip("tfdis.dlib")
    tfdis_dlib.install()
    from disentanglement_lib.data.ground_truth import dsprites

    monkeypatch.setattr(dsprites, "DSPRITES_PATH", str(archive))
    return dsprites.DSprites


@pytest.mark.parametrize("latent_factor_indices", [[1, 2, 3, 4, 5], [2, 3, 4, 5], [1, 2, 4, 5]])
def test_same_draws_as_disentanglement_lib(archive, dlib_dsprites, latent_factor_indices):
    ours = DSprites(open_original(archive, SIZES), latent_factor_indices, "small", SIZES)
    theirs = dlib_dsprites(latent_factor_indices)
    assert ours.num_factors == theirs.num_factors
    assert ours.observation_shape == theirs.observation_shape
    states = [np.random.RandomState(3) for _ in range(2)]
    for num in (1, 50, 7):
        pairs = [
            data.sample(num, state) for data, state in zip((ours, theirs), states, strict=True)
        ]
        factors = pairs[0][0][::-1]
        pairs += [
            (
                data.sample_observations_from_factors(factors, state),
                data.sample_observations(3, state),
            )
            for data, state in zip((ours, theirs), states, strict=True)
        ]
        for ours_drew, theirs_drew in (pairs[:2], pairs[2:]):
            for received, expected in zip(ours_drew, theirs_drew, strict=True):
                np.testing.assert_array_equal(received, expected)
                assert received.dtype == expected.dtype and received.shape == expected.shape
    assert states[0].randint(10**9) == states[1].randint(10**9)


def test_full_sizes_have_disentanglement_libs_factors(archive, dlib_dsprites):
    assert dlib_dsprites([1, 2, 3, 4, 5]).factors_num_values == list(
        dsprites_original.FACTOR_SIZES[1:]
    )


def test_images_are_packed_once_and_the_archive_kept(archive):
    before = archive.read_bytes()
    first = open_original(archive, SIZES)
    assert first.metadata.provenance == "original"
    np.testing.assert_array_equal(first.images_at(np.arange(360))[..., 0] // 255, _arrays()["imgs"])
    made = os.stat(archive.parent.parent / "cache" / os.listdir(os.environ["TFDIS_DATA"])[0])
    open_original(archive, SIZES)
    folders = os.listdir(os.environ["TFDIS_DATA"])
    assert len(folders) == 1
    assert os.stat(os.path.join(os.environ["TFDIS_DATA"], folders[0])).st_mtime == made.st_mtime
    assert archive.read_bytes() == before


def test_another_archive_is_not_mistaken_for_the_first(archive):
    open_original(archive, SIZES)
    _change(archive, imgs=1 - _arrays()["imgs"])
    images = open_original(archive, SIZES).images_at([5])
    np.testing.assert_array_equal(images[0, ..., 0], 255 * (1 - _arrays()["imgs"][5]))


def test_nothing_is_unpickled(archive, tmp_path):
    trap = np.array(_Trap(str(tmp_path / "sprung")), dtype=object)
    _change(archive, metadata=trap)
    open_original(archive, SIZES)
    _change(archive, imgs=np.array([_Trap(str(tmp_path / "sprung"))] * 2, dtype=object))
    with pytest.raises(ValueError, match="pickled objects"):
        open_original(archive, SIZES)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"imgs": np.zeros((360, 32, 32), np.uint8)},
            r"\(360, 64, 64\).*Received.*\(360, 32, 32\)",
        ),
        ({"imgs": np.zeros((359, 64, 64), np.uint8)}, r"Received.*\(359, 64, 64\)"),
        ({"imgs": np.zeros((360, 64, 64), np.float32)}, "Received: float32"),
        ({"imgs": np.full((360, 64, 64), 255, np.uint8)}, "pixels 0 and 1. Received: 255"),
        ({"imgs": None}, "an array 'imgs'. Received: arrays"),
        ({"latents_classes": _arrays()["latents_classes"][::-1]}, "another order"),
        ({"latents_classes": np.zeros((3, 6), np.int64)}, r"latents_classes of shape \(360, 6\)"),
    ],
)
def test_other_contents_are_refused(archive, changes, message):
    _change(archive, **changes)
    before = archive.read_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        open_original(archive, SIZES)
    assert str(archive) in str(caught.value) and "Fix:" in str(caught.value)
    assert archive.read_bytes() == before
    cache = os.environ["TFDIS_DATA"]
    assert not os.path.exists(cache) or os.listdir(cache) == []


@pytest.mark.parametrize("damage", ["empty", "half", "text", "flipped"])
def test_damaged_archives_are_refused(archive, damage):
    data = archive.read_bytes()
    if damage == "flipped":
        with zipfile.ZipFile(archive) as file:
            start = file.getinfo("imgs.npy").header_offset
        middle = start + 20000
        data = data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]
    archive.write_bytes(
        {"empty": b"", "half": data[: len(data) // 2], "text": b"404"}.get(damage, data)
    )
    with pytest.raises(ValueError, match=rf"Expected {archive} to hold .*Received.*left as it is"):
        open_original(archive, SIZES)
    assert archive.exists()
    cache = os.environ["TFDIS_DATA"]
    assert not os.path.exists(cache) or os.listdir(cache) == []


def test_an_archive_in_its_place_is_used_or_refused_never_passed_over(archive):
    with pytest.raises(ValueError, match=r"\(737280, 64, 64\).*\(360, 64, 64\)"):
        dsprites_images()
