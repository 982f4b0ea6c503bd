"""MPI3D: disentanglement_lib's draws, the two grids, damage, and memory."""

import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tfdis.data.sets import mpi3d

GRID = (2, 3, 2, 1, 2, 3, 4)
NUM_IMAGES = 288
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # Of dlib's open files.


def _images(num_images=NUM_IMAGES):
    shape = (num_images, 64, 64, 3)
    return np.random.RandomState(0).randint(256, size=shape).astype(np.uint8)


@pytest.fixture
def archive(originals):
    path = originals / "mpi3d_toy" / "mpi3d_toy.npz"
    path.parent.mkdir()
    np.savez_compressed(path, images=_images())
    return path


def _open(path):
    images, grid = mpi3d.open_original("mpi3d_toy", path, (GRID, (1, 1, 1, 1, 1, 1, 5)))
    return mpi3d.MPI3D("mpi3d_toy", images, grid)


def test_same_draws_as_disentanglement_lib(
    archive, dlib_module, set_dlib_grid, assert_same_draws, assert_enumerates_itself
):
    theirs = set_dlib_grid(dlib_module("mpi3d").MPI3D("mpi3d_toy"), GRID)
    ours = _open(archive)
    assert_same_draws(ours, theirs)
    assert_enumerates_itself(ours)
    np.testing.assert_array_equal(ours.images_at(np.arange(NUM_IMAGES)), _images())
    assert ours.provenance == "original"


def test_full_sizes_are_disentanglement_libs(dlib_module, originals):
    for mode, grid in (("mpi3d_real", mpi3d.GRIDS[0]), ("mpi3d_toy", mpi3d.GRIDS[1])):
        (originals / mode).mkdir()
        np.savez(originals / mode / f"{mode}.npz", images=np.zeros((1, 64, 64, 3), np.uint8))
        assert tuple(dlib_module("mpi3d").MPI3D(mode).factor_sizes) == grid
    assert [np.prod(grid) for grid in mpi3d.GRIDS] == [1036800, 460800]


@pytest.mark.parametrize("num_images, grid", [(NUM_IMAGES, GRID), (5, (1, 1, 1, 1, 1, 1, 5))])
def test_the_number_of_images_tells_the_grid(archive, num_images, grid):
    np.savez(archive, images=_images(num_images))
    assert tuple(_open(archive).factors_num_values) == grid


@pytest.mark.parametrize("name", ["toy", "realistic", "real", "real_complex"])
def test_names_are_looked_up_in_their_folders(name, originals, monkeypatch):
    path = originals / f"mpi3d_{name}" / ("real.npz" if name == "real" else f"mpi3d_{name}.npz")
    path.parent.mkdir()
    np.savez(path, images=_images())
    open_original = mpi3d.open_original
    monkeypatch.setattr(
        mpi3d, "open_original", lambda name, path: open_original(name, path, (GRID,))
    )
    data = getattr(mpi3d, f"mpi3d_{name}")()
    assert (data.name, data.num_images) == (f"mpi3d_{name}", NUM_IMAGES)


class _Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("damage", ["empty", "half", "html", "flipped"])
def test_damaged_archives_are_refused(archive, damage, cached):
    data = archive.read_bytes()
    if damage == "flipped":
        with zipfile.ZipFile(archive) as file:
            middle = file.getinfo("images.npy").header_offset + 300000
        data = data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]
    contents = {"empty": b"", "half": data[: len(data) // 2], "html": b"<html>404</html>"}
    archive.write_bytes(contents.get(damage, data))
    with pytest.raises(ValueError, match=f"Expected {archive} to hold .*left as it is"):
        _open(archive)
    assert archive.exists() and cached() == []


@pytest.mark.parametrize(
    "arrays, message",
    [
        ({"images": np.zeros((287, 64, 64, 3), np.uint8)}, r"\(288 or 5, 64.*\(287, 64, 64, 3\)"),
        ({"images": np.zeros((288, 32, 32, 3), np.uint8)}, r"Received.*\(288, 32, 32, 3\)"),
        ({"images": np.zeros((288, 64, 64, 3), np.float32)}, "Received: float32"),
        ({"pictures": np.zeros(3)}, "an array 'images'.*'pictures'"),
    ],
)
def test_other_contents_are_refused(archive, arrays, message, cached):
    np.savez(archive, **arrays)
    before = archive.read_bytes()
    with pytest.raises(ValueError, match=message):
        _open(archive)
    assert archive.read_bytes() == before and cached() == []


def test_pickles_are_refused_not_executed(archive, tmp_path, cached):
    trap = np.array([_Trap(str(tmp_path / "sprung"))] * 288, dtype=object)
    np.savez(archive, images=trap)
    with pytest.raises(ValueError, match="pickled objects"):
        _open(archive)
    assert not (tmp_path / "sprung").exists() and cached() == []


def test_a_header_that_promises_a_terabyte_costs_nothing(archive, cached):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (81380208, 64, 64, 3), }"
    header = header.ljust(117) + "\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", content)
    with pytest.raises(ValueError, match="81380208"):
        _open(archive)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", content.replace(b"81380208", b"288     "))
    with pytest.raises(ValueError, match="ends early"):
        _open(archive)
    assert cached() == []


_CONVERT = """
import sys
from tfdis.data.sets import mpi3d
grid = (2, 2, 2, 3, 3, 40, 8)
mpi3d.open_original("mpi3d_toy", sys.argv[1], (grid,))
with open("/proc/self/status") as file:
    print(next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1000)
"""


@pytest.mark.long
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the peak from /proc")
def test_conversion_takes_little_memory_and_two_processes_make_it_once(originals, tmp_path, cached):
    num_images = 2 * 2 * 2 * 3 * 3 * 40 * 8  # 283 MB unpacked.
    path = originals / "mpi3d.npz"
    batch = np.zeros((1024, 64, 64, 3), np.uint8)
    batch[:, ::7] = 200
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:  # noqa: SIM117
        with file.open("images.npy", "w", force_zip64=True) as stream:
            header = np.lib.format.header_data_from_array_1_0(batch)
            header["shape"] = (num_images, 64, 64, 3)
            np.lib.format.write_array_header_1_0(stream, header)
            for start in range(0, num_images, 1024):
                stream.write(batch[: num_images - start])
    command = [sys.executable, "-c", _CONVERT, str(path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    peaks = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert max(peaks) < 283 and len(cached()) == 1
