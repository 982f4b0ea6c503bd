"""Cars3D: folder and archive, disentanglement_lib's images, order, traversal, damage."""

import io
import tarfile

import numpy as np
import pytest
import scipy.io

from tfdis.data.formats.resize import resize_image
from tfdis.data.sets.cars3d import cars3d

SIZES = (2, 3, 4)
NAMES = ("car_001_mesh", "car_007_mesh", "car_002_mesh", "car_003_mesh")


def _mesh(index):
    return np.random.RandomState(index).randint(256, size=(128, 128, 3, 3, 2)).astype(np.uint8)


def _mat(index, **arrays):
    file = io.BytesIO()
    arrays = arrays or {"im": _mesh(index), "mask": np.ones((128, 128, 3, 2), np.uint8)}
    scipy.io.savemat(file, arrays, do_compression=True)
    return file.getvalue()


def _contents():
    contents = {f"{name}.mat": _mat(index) for index, name in enumerate(NAMES)}
    return {**contents, "list.txt": "\n".join(NAMES).encode() + b"\n"}


@pytest.fixture
def folder(originals):
    folder = originals / "cars"
    folder.mkdir()
    for name, content in _contents().items():
        (folder / name).write_bytes(content)
    return folder


def _write_archive(path, contents, **special):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {"data/sprites/a.mat": b"x", **contents}.items():
            member = tarfile.TarInfo(name if "/" in name else f"data/cars/{name}")
            member.size = len(content)
            for key, value in special.get(name, {}).items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def archive(originals):
    return _write_archive(originals / "nips2015-analogy-data.tar.gz", _contents())


def _open(path, **options):
    return cars3d.Cars3D(cars3d.open_original(path, factor_sizes=SIZES, **options), SIZES)


@pytest.mark.parametrize("source", ["folder", "archive"])
def test_same_draws_as_disentanglement_lib(
    request,
    source,
    folder,
    dlib_module,
    set_dlib_grid,
    monkeypatch,
    assert_same_draws,
    assert_enumerates_itself,
):
    module = dlib_module("cars3d")
    monkeypatch.setattr(module, "CARS3D_PATH", str(folder))
    # disentanglement_lib takes the file system's order; the original's is that of list.txt.
    names = [f"{name}.mat" for name in NAMES]
    monkeypatch.setattr(module.gfile, "ListDirectory", lambda path: names)
    theirs = object.__new__(module.Cars3D)
    theirs.latent_factor_indices, theirs.data_shape = [0, 1, 2], [64, 64, 3]
    set_dlib_grid(theirs, SIZES, np.array(list(np.ndindex(*SIZES))))
    # Its sizes are constants of the code: 4 elevations, 24 azimuths.
    theirs.images = np.zeros((np.prod(SIZES), 64, 64, 3))
    for index, name in enumerate(names):
        views = module._load_mesh(name).reshape(3, 2, 64, 64, 3)
        theirs.images.reshape(*SIZES, 64, 64, 3)[:, :, index] = views.swapaxes(0, 1)
    ours = _open(request.getfixturevalue(source))
    assert_same_draws(ours, theirs)
    assert_enumerates_itself(ours)


def test_images_are_where_their_factors_say(folder):
    data = _open(folder, resize_filter="bilinear")
    for elevation, azimuth, car in ((0, 0, 0), (1, 2, 3), (1, 0, 1)):
        index = data.factors_to_indices([[elevation, azimuth, car]])
        expected = resize_image(
            np.ascontiguousarray(_mesh(car)[..., azimuth, elevation]), 64, "bilinear"
        )
        np.testing.assert_array_equal(data.images_at(index)[0], expected)


def test_bilinear_halving_is_what_pillow_says():
    image = np.random.RandomState(0).randint(256, size=(128, 128)).astype(np.uint8)
    padded = np.pad(image.astype(np.float64), 1, mode="edge")
    weights = np.array([1, 3, 3, 1]) / 8  # A triangle of the width of two source pixels each way.
    rows = sum(weight * padded[offset : offset + 128 : 2] for offset, weight in enumerate(weights))
    expected = sum(w * rows[:, offset : offset + 128 : 2] for offset, w in enumerate(weights))
    difference = resize_image(image, 64, "bilinear")[1:-1, 1:-1] - expected[1:-1, 1:-1]
    assert np.abs(difference).max() <= 1.01


def test_without_a_list_files_are_sorted(folder):
    before = _open(folder).images_at(np.arange(24)).reshape(2, 3, 4, -1)
    (folder / "list.txt").unlink()
    after = _open(folder).images_at(np.arange(24)).reshape(2, 3, 4, -1)
    np.testing.assert_array_equal(after, before[:, :, [0, 2, 3, 1]])


@pytest.mark.parametrize(
    "change, message",
    [
        ({"car_003_mesh.mat": None}, "files of 4 cars. Received: 3"),
        ({"car_004_mesh.mat": _mat(4)}, "files of 4 cars. Received: more"),
        ({"list.txt": b"car_001_mesh\n"}, "names of the cars' files"),
        ({"car_001_mesh.mat": _mat(0)[:5000]}, "car_001_mesh.mat to hold .*damaged"),
        ({"car_001_mesh.mat": b"<html>"}, "car_001_mesh.mat to hold .*damaged"),
        ({"car_001_mesh.mat": b""}, "car_001_mesh.mat to hold .*damaged"),
        (
            {"car_001_mesh.mat": _mat(0, im=np.zeros((64, 64, 3, 3, 2), np.uint8))},
            r"car_001_mesh.mat to hold an array im.*\(64, 64, 3, 3, 2\)",
        ),
        ({"car_001_mesh.mat": _mat(0, picture=np.zeros(3))}, "hold an array im.*picture"),
    ],
)
@pytest.mark.parametrize("source", ["folder", "archive"])
def test_other_contents_are_refused(request, originals, source, change, message, cached):
    contents = {name: c for name, c in {**_contents(), **change}.items() if c is not None}
    if source == "archive":
        path = _write_archive(originals / "a.tar.gz", contents)
    else:
        path = originals / "cars"
        path.mkdir()
        for name, content in contents.items():
            (path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        _open(path)
    assert str(path) in str(caught.value) and cached() == [] and path.exists()


@pytest.mark.parametrize("damage", ["empty", "half", "html"])
def test_damaged_archives_are_refused(archive, damage, cached):
    data = archive.read_bytes()
    archive.write_bytes({"empty": b"", "half": data[: len(data) // 2]}.get(damage, b"<html>"))
    with pytest.raises(ValueError, match=f"Expected {archive} to hold .*left as it is"):
        _open(archive)
    assert archive.exists() and cached() == []


@pytest.mark.parametrize(
    "name, special",
    [
        ("../../evil.mat", {}),
        ("/tmp/evil.mat", {}),
        ("data/cars/link.mat", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("data/cars/hard.mat", {"type": tarfile.LNKTYPE, "linkname": "../../../etc/passwd"}),
    ],
)
def test_members_that_point_elsewhere_are_refused(originals, name, special, cached, tmp_path):
    contents = {name: b"", **_contents()}
    path = _write_archive(originals / "a.tar.gz", contents, **{name: special})
    with pytest.raises(ValueError, match=f"Received: .*{name}"):
        _open(path)
    assert cached() == [] and sorted(p.name for p in originals.iterdir()) == ["a.tar.gz"]


@pytest.mark.long
def test_a_bomb_in_an_archive_is_refused(originals, cached):
    path = _write_archive(originals / "a.tar.gz", {"bomb.mat": bytes(2**26 + 1)})
    with pytest.raises(ValueError, match="67108865 bytes"):
        _open(path)
    assert cached() == []


def test_unknown_filters_are_refused():
    with pytest.raises(ValueError, match="lanczos, bilinear. Received: 'cubic'"):
        cars3d.cars3d("cubic")
