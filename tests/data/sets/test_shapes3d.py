"""3D Shapes: both formats, disentanglement_lib's draws, wrong labels, damage."""

import itertools

import h5py
import numpy as np
import pytest

from tfdis.data.sets import shapes3d

SIZES = (2, 3, 2, 2, 2, 3)
NUM_IMAGES = 144
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # Of dlib's open files.


def _arrays():
    images = np.random.RandomState(0).randint(256, size=(NUM_IMAGES, 64, 64, 3)).astype(np.uint8)
    grid = np.array(list(itertools.product(*map(range, SIZES))), dtype=np.float64)
    labels = grid * [0.1, 0.1, 0.1, 0.0714, 1, 4.2857] + [0, 0, 0, 0.75, 0, -30]
    return images, labels


def _write_h5(path, images, labels, **options):
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_dataset("images", data=images, **options)
        file.create_dataset("labels", data=labels)


@pytest.fixture
def h5_file(originals):
    path = originals / shapes3d.FILES[0]
    _write_h5(path, *_arrays(), chunks=(50, 8, 8, 1), compression="gzip")
    return path


@pytest.fixture
def npz_file(originals):
    path = originals / shapes3d.FILES[1]
    path.parent.mkdir(exist_ok=True)
    images, labels = _arrays()
    np.savez(path, images=images.reshape(*SIZES, 64, 64, 3), labels=labels.reshape(*SIZES, 6))
    return path


def _open(path):
    return shapes3d.Shapes3D(shapes3d.open_original(path, SIZES), SIZES)


@pytest.mark.parametrize("fixture", ["h5_file", "npz_file"])
def test_same_draws_as_disentanglement_lib(
    request,
    fixture,
    npz_file,
    dlib_module,
    set_dlib_grid,
    monkeypatch,
    assert_same_draws,
    assert_enumerates_itself,
):
    module = dlib_module("shapes3d")
    monkeypatch.setattr(module, "SHAPES3D_PATH", str(npz_file))
    theirs = module.Shapes3D()
    assert tuple(theirs.factor_sizes) == shapes3d.FACTOR_SIZES
    ours = _open(request.getfixturevalue(fixture))
    assert_same_draws(ours, set_dlib_grid(theirs, SIZES))
    assert_enumerates_itself(ours)
    np.testing.assert_array_equal(ours.images_at(np.arange(NUM_IMAGES)), _arrays()[0])


@pytest.mark.parametrize("batch_size", [1, 7, 49, 50, 51, 1000])
@pytest.mark.parametrize("chunks", [(50, 8, 8, 1), (144, 64, 64, 3), None])
def test_slices_of_any_size_are_the_array(originals, chunks, batch_size):
    images, labels = _arrays()
    _write_h5(originals / "a.h5", images, labels, chunks=chunks)
    batches = list(shapes3d.H5Array(originals / "a.h5", "images").batches(batch_size))
    np.testing.assert_array_equal(np.concatenate(batches), images)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda images, labels: (images[1:], labels[1:]), r"\(143, 64, 64, 3\)"),
        (lambda images, labels: (images[:, :32], labels), r"\(144, 32, 64, 3\)"),
        (lambda images, labels: (images.astype(np.float32), labels), "Received: float32"),
        (lambda images, labels: (images, labels[:, :5]), r"\(144, 5\)"),
        (lambda images, labels: (images, labels[::-1]), "another order from row 0"),
        (lambda images, labels: (images, labels * 0), r"Received: \[1, 1, 1, 1, 1, 1\]"),
        (lambda images, labels: (images, np.roll(labels, 1, axis=1)), r"Received: \[3, 2, 3"),
    ],
)
def test_other_contents_are_refused(h5_file, change, message, cached):
    _write_h5(h5_file, *change(*_arrays()))
    before = h5_file.read_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        _open(h5_file)
    assert str(h5_file) in str(caught.value) and "Fix:" in str(caught.value)
    assert h5_file.read_bytes() == before and cached() == []


@pytest.mark.parametrize("damage", ["empty", "half", "html", "flipped", "other"])
def test_damaged_files_are_refused(h5_file, damage, cached):
    data = h5_file.read_bytes()
    if damage == "flipped":  # Somewhere in a compressed chunk.
        start = len(data) // 2
        data = data[:start] + bytes(byte ^ 255 for byte in data[start : start + 2000])
        data += h5_file.read_bytes()[start + 2000 :]
    if damage == "other":
        with h5py.File(h5_file, "w") as file:
            file["pictures"] = [1]
    else:
        contents = {"empty": b"", "half": data[: len(data) // 2], "html": b"<html>404</html>"}
        h5_file.write_bytes(contents.get(damage, data))
    with pytest.raises(ValueError, match=f"Expected {h5_file} to hold .*left as it is"):
        _open(h5_file)
    assert h5_file.exists() and cached() == []


def test_arrays_in_other_files_are_refused(originals):
    path = originals / "a.h5"
    (originals / "secret").write_bytes(b"x" * 100)
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "images", (100,), np.uint8, external=[(str(originals / "secret"), 0, 100)]
        )
    with pytest.raises(ValueError, match="plain numbers"):
        shapes3d.H5Array(path, "images")
