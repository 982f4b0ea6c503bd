"""SmallNORB: disentanglement_lib's images and draws, the paper's subset, damage."""

import numpy as np
import pytest

from tfdis.data.formats.resize import resize_as_integers, resize_image
from tfdis.data.sets import smallnorb

SIZES = (2, 4, 3, 3, 2)
INSTANCES = {"training": (1, 3), "testing": (0, 2)}
IMAGE_SIZE = 24  # disentanglement_lib resizes whatever size there is.


def _write(path, matrix, magic):
    dims = list(matrix.shape) + [1] * max(0, 3 - matrix.ndim)
    header = np.array([magic, matrix.ndim, *dims], dtype="<i4")
    path.write_bytes(header.tobytes() + matrix.tobytes())


def _table(chunk):
    sizes = (SIZES[0], 2, *SIZES[2:])
    table = np.array(list(np.ndindex(*sizes)), dtype=np.int32)
    table[:, 1] = np.array(INSTANCES[chunk])[table[:, 1]]
    return np.random.RandomState(len(chunk)).permutation(table)


def _pairs(chunk):
    shape = (len(_table(chunk)), 2, IMAGE_SIZE, IMAGE_SIZE)
    return np.random.RandomState(len(chunk)).randint(256, size=shape).astype(np.uint8)


def _path(folder, chunk, kind):
    return folder / f"{smallnorb.CHUNKS[chunk]}-{kind}.mat"


@pytest.fixture
def folder(originals):
    folder = originals / "small_norb"
    folder.mkdir()
    for chunk in INSTANCES:
        table = _table(chunk)
        info = table[:, 1:] * np.array([1, 1, 2, 1], np.int32)
        _write(_path(folder, chunk, "dat"), _pairs(chunk), 0x1E3D4C55)
        _write(_path(folder, chunk, "cat"), np.ascontiguousarray(table[:, 0]), 0x1E3D4C54)
        _write(_path(folder, chunk, "info"), np.ascontiguousarray(info), 0x1E3D4C54)
    return folder


def _open(folder, subset="both", resize_filter="lanczos"):
    is_training = subset == "training"
    sizes = (SIZES[0], 2, *SIZES[2:]) if is_training else SIZES
    images = smallnorb.open_original(folder, subset, resize_filter, sizes)
    return smallnorb.SmallNORB(images, sizes, is_training)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Of dlib's int(array).
def test_same_draws_as_disentanglement_lib(
    folder, dlib_module, set_dlib_grid, monkeypatch, assert_same_draws, assert_enumerates_itself
):
    module = dlib_module("norb")
    monkeypatch.setattr(module, "int", lambda array: array.item(), raising=False)
    theirs = object.__new__(module.SmallNORB)
    theirs.latent_factor_indices = [0, 2, 3, 4]
    theirs.images, features = module._load_small_norb_chunks(
        str(folder / "smallnorb-{}-{}.mat"), module.SMALLNORB_CHUNKS
    )
    set_dlib_grid(theirs, SIZES, features)
    assert theirs.images.min() < 0 and theirs.images.max() > 1  # Lanczos overshoots: we clip.
    ours = _open(folder)
    assert_same_draws(ours, theirs, clip=True)
    assert_enumerates_itself(ours)


def test_full_sizes_are_disentanglement_libs(dlib_module, monkeypatch):
    module = dlib_module("norb")
    grid = np.array(list(np.ndindex(5, 10, 9, 18, 6)))
    monkeypatch.setattr(module, "_load_small_norb_chunks", lambda *_: (None, grid))
    theirs = module.SmallNORB()
    assert tuple(theirs.factor_sizes) == smallnorb.FACTOR_SIZES
    assert theirs.factors_num_values == [5, 9, 18, 6]


@pytest.mark.parametrize("resize_filter", ["bilinear", "lanczos"])
def test_the_training_chunk_has_the_instance_as_a_factor(
    folder, resize_filter, assert_enumerates_itself
):
    data = _open(folder, "training", resize_filter)
    assert data.factor_names == smallnorb.FACTOR_NAMES
    assert data.factors_num_values == [2, 2, 3, 3, 2]
    assert_enumerates_itself(data)
    factors = _table("training").astype(np.int64)
    factors[:, 1] = np.searchsorted(INSTANCES["training"], factors[:, 1])
    resize = resize_image if resize_filter == "bilinear" else resize_as_integers
    expected = [resize(pair[0], 64, resize_filter) for pair in _pairs("training")]
    received = data.images_at(data.factors_to_indices(factors))
    np.testing.assert_array_equal(received[..., 0], expected)


def test_options_come_from_gin_and_are_checked(originals):
    with pytest.raises(ValueError, match="both, training. Received: 'test'"):
        smallnorb.smallnorb(subset="test")
    with pytest.raises(ValueError, match="lanczos, bilinear. Received: 'cubic'"):
        smallnorb.smallnorb(resize_filter="cubic")


@pytest.mark.parametrize("kind", ["dat", "cat", "info"])
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "html", "longer", "magic"])
def test_damaged_files_are_refused(folder, kind, damage, cached):
    path = _path(folder, "testing", kind)
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        contents = {
            "empty": b"",
            "half": data[: len(data) // 2],
            "longer": data + b"1234",
            "magic": b"\x11" + data[1:],
        }
        path.write_bytes(contents.get(damage, b"<html>not found, sorry</html>"))
    error = FileNotFoundError if damage == "missing" else ValueError
    with pytest.raises(error, match=f"{path.name}.*Received.*Fix:"):
        _open(folder)
    assert cached() == []


@pytest.mark.parametrize(
    "kind, change, message",
    [
        ("info", lambda matrix: matrix[:-1], r"72 categories"),
        ("info", lambda matrix: matrix[:, :3], r"\(72, 3\)"),
        ("info", lambda matrix: np.repeat(matrix[:1], 72, axis=0), "combinations missing"),
        ("info", lambda matrix: matrix * 2, "Expected factor values from 0 to"),
        ("cat", lambda matrix: matrix - 1, "Expected factor values from 0 to"),
        ("dat", lambda matrix: matrix[:, 0], "stereo pairs"),
    ],
)
def test_wrong_tables_are_refused(folder, kind, change, message, cached):
    path = _path(folder, "training", kind)
    matrix = change(smallnorb.NorbMatrix(path).read())
    _write(path, np.ascontiguousarray(matrix), 0x1E3D4C55 if kind == "dat" else 0x1E3D4C54)
    with pytest.raises(ValueError, match=message):
        _open(folder)
    assert cached() == []
