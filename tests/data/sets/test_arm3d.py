"""arm3d: its grid and camera without MuJoCo; its images where MuJoCo can draw."""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import gin
import numpy as np
import pytest

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.arm3d import images as arm3d_store
from tfdis.data.sets.arm3d import processes as arm3d_processes
from tfdis.data.sets.arm3d.arm3d import Arm3D, arm3d, checked_factor_sizes
from tfdis.data.sets.arm3d.camera import jitter_at, photograph
from tfdis.data.sets.arm3d.scene import RENDERINGS, SIZES, camera_pose, scene_xml
from tfdis.data.store.store_format import npy_header

_TINY = (2, 2, 2, 2, 2, 2, 2)


@pytest.fixture(scope="session", name="can_draw")
def _can_draw(tmp_path_factory):
    """Skips where MuJoCo is missing, or has no way to draw."""
    if importlib.util.find_spec("mujoco") is None:
        pytest.skip("needs the extra arm (MuJoCo)")
    folder = tmp_path_factory.mktemp("probe")
    try:
        arm3d_processes._first_worker(_arguments(folder), folder)[1].close()
    except ImportError as error:
        pytest.skip(str(error))


def _arguments(folder):
    (folder / "images").write_bytes(bytes(64 * 64 * 3))
    return ["arm3d_toy", "1x1x1x1x1x1x1", str(folder / "images"), "0"]


@pytest.fixture(name="new_cache")
def _new_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(name="fake_drawing")
def _fake_drawing(monkeypatch):
    """Draws image i as all i mod 256, notes the pieces, and fails after `limit` of them."""
    calls = []

    def draw_all(arguments, folder, pieces, num_processes):
        del folder, num_processes
        for start, stop in pieces:
            if draw_all.limit == 0:
                raise RuntimeError("killed")
            draw_all.limit -= 1
            values = np.arange(start, stop).astype(np.uint8)
            with open(arguments[2], "r+b") as file:
                file.seek(int(arguments[3]) + start * 64 * 64 * 3)
                file.write(np.repeat(values, 64 * 64 * 3))
            calls.append((start, stop))
            yield start, stop

    draw_all.limit = -1
    draw_all.calls = calls
    monkeypatch.setattr(arm3d_store, "draw_all", draw_all)
    monkeypatch.setattr(arm3d_store, "IMAGES_A_PIECE", 5)
    return draw_all


def test_default_grids():
    assert checked_factor_sizes("arm3d_toy", None) == (6, 6, 2, 3, 3, 40, 40)
    assert checked_factor_sizes("arm3d_real", None) == (6, 6, 2, 3, 3, 40, 40)
    assert checked_factor_sizes("arm3d_real_difficult", None) == (4, 4, 2, 3, 3, 40, 40)
    for name in RENDERINGS:
        assert checked_factor_sizes(name, [4, 4, 2, 3, 3, 10, 10]) == (4, 4, 2, 3, 3, 10, 10)


@pytest.mark.parametrize(
    "sizes", [(6, 6), (7, 1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1, 0), (1, 1, 1, 1, 1, 1, 2.0)]
)
def test_wrong_grids_are_refused(sizes, new_cache):
    with pytest.raises(ValueError, match=r"arm3d.factor_sizes .*arm3d_real .*Received: \("):
        arm3d("arm3d_real", sizes)
    assert not new_cache.exists()


def test_unseen_objects_are_unseen():
    seen, unseen = RENDERINGS["arm3d_real"], RENDERINGS["arm3d_real_difficult"]
    assert not set(seen.shapes) & set(unseen.shapes)
    for colour in unseen.colours.values():
        distances = [np.linalg.norm(np.subtract(colour, other)) for other in seen.colours.values()]
        assert min(distances) > 0.25


def test_every_rendering_has_a_scene_of_its_own():
    assert len({scene_xml(rendering) for rendering in RENDERINGS.values()}) == 3
    assert len({arm3d_store.scene_digest(name) for name in RENDERINGS}) == 4
    assert "{" not in scene_xml(RENDERINGS["arm3d_real_difficult"])


def test_cameras_look_at_the_middle_of_the_arm():
    for elevation in (0.0, 6.0, 55.0):
        position, axes = camera_pose(elevation)
        right, up = axes[:3], axes[3:]
        np.testing.assert_allclose([right @ up, right @ right, up @ up], [0, 1, 1], atol=1e-12)
        forwards = -np.cross(right, up)
        height = position + forwards * np.linalg.norm(position - [0, 0, 0.5])
        np.testing.assert_allclose(height, [0, 0, 0.5], atol=1e-12)


def test_the_camera_is_a_fixed_function_of_the_index():
    image = np.full((64, 64, 3), 128, dtype=np.uint8)
    photographs = [photograph(image, jitter_at(index)) for index in (5, 5, 6)]
    np.testing.assert_array_equal(photographs[0], photographs[1])
    assert np.mean(photographs[0] != photographs[2]) > 0.5
    assert np.all(jitter_at(5).camera_offset == jitter_at(5).camera_offset)
    assert np.all(jitter_at(5).camera_offset != jitter_at(6).camera_offset)


def test_what_the_camera_does_to_a_grey_card():
    image = np.full((64, 64, 3), 128, dtype=np.uint8)
    mean = np.mean([photograph(image, jitter_at(i)).astype(float) for i in range(40)], axis=0)
    centre, corner = mean[28:36, 28:36].mean((0, 1)), mean[:4, :4].mean((0, 1))
    assert centre[0] > centre[1] > centre[2]  # warm
    assert np.all(corner < 0.75 * centre)  # vignette
    noise = photograph(image, jitter_at(0)).astype(float) - photograph(image, jitter_at(1))
    assert 2 < noise.std() < 12
    point = np.zeros((64, 64, 3), dtype=np.uint8)
    point[32, 32] = 255
    spread = np.mean([photograph(point, jitter_at(i)).astype(float) for i in range(20)], axis=0)
    assert spread[32, 32].mean() > spread[32, 33].mean() > spread[32, 36].mean() + 5  # blur


def test_a_failed_start_is_continued(new_cache, fake_drawing):
    fake_drawing.limit = 3
    sizes = (2, 1, 2, 3, 1, 1, 2)  # 24 images, 5 pieces
    with pytest.raises(RuntimeError, match="killed"):
        arm3d("arm3d_toy", sizes)
    assert not [path for path in new_cache.iterdir() if not path.name.startswith(".")]
    first = list(fake_drawing.calls)
    fake_drawing.limit = -1
    data = arm3d("arm3d_toy", sizes)
    assert first == [(0, 5), (5, 10), (10, 15)]
    assert fake_drawing.calls[3:] == [(15, 20), (20, 24)]
    assert data.images_at(np.arange(24))[:, 0, 0, 0].tolist() == list(range(24))
    digest = hashlib.sha256(data.images.rows_at(np.arange(24))).hexdigest()
    assert data.images.metadata.sha256 == digest
    assert len(list(new_cache.iterdir())) == 1  # nothing else is left
    arm3d("arm3d_toy", sizes)
    assert len(fake_drawing.calls) == 5


@pytest.mark.parametrize("damage", ["shorter", "other header", "no notes"])
def test_a_damaged_start_begins_anew(new_cache, fake_drawing, damage):
    sizes = (2, 1, 1, 1, 1, 1, 3)
    fake_drawing.limit = 1
    with pytest.raises(RuntimeError):
        arm3d("arm3d_toy", sizes)
    (work,) = new_cache.glob(".*.drawing")
    images = work / "images.npy"
    if damage == "shorter":
        images.write_bytes(images.read_bytes()[:-1])
    elif damage == "other header":
        images.write_bytes(b"x" + images.read_bytes()[1:])
    else:
        (work / "done").unlink()
    fake_drawing.limit = -1
    data = arm3d("arm3d_toy", sizes)
    assert fake_drawing.calls[1:] == [(0, 5), (5, 6)]
    assert data.images_at([5]).max() == 5
    images = new_cache / next(path.name for path in new_cache.iterdir()) / "images.npy"
    assert images.read_bytes().startswith(npy_header(data.images.metadata))


def test_grids_and_renderings_have_folders_of_their_own(new_cache, fake_drawing):
    for name, sizes in (
        ("arm3d_toy", (1, 1, 1, 1, 1, 1, 2)),
        ("arm3d_toy", (1, 1, 1, 1, 1, 2, 1)),
        ("arm3d_real", (1, 1, 1, 1, 1, 1, 2)),
    ):
        assert arm3d(name, sizes).factors_num_values == list(sizes)
    assert len(list(new_cache.iterdir())) == 3


def test_gin_chooses_the_grid(new_cache, fake_drawing):
    gin.parse_config("arm3d.factor_sizes = (1, 2, 1, 1, 1, 1, 1)\ndataset.name = 'arm3d_real'")
    data = get_named_ground_truth_data()
    assert isinstance(data, Arm3D) and (data.name, data.num_images) == ("arm3d_real", 2)
    assert data.provenance == "generated"


def test_without_mujoco_the_error_says_what_to_install(new_cache, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ImportError, match=r"mujoco.*Received: none. Fix: pip install 'tfdis\[arm\]'"
    ):
        arm3d("arm3d_toy", (1, 1, 1, 1, 1, 1, 1))


@pytest.mark.long
def test_without_a_driver_the_error_says_what_to_install(new_cache, monkeypatch, can_draw):
    monkeypatch.setenv("MUJOCO_GL", "no_such_backend")
    with pytest.raises(ImportError, match="Received: no_such_backend: .*apt-get install libegl1"):
        arm3d("arm3d_toy", (1, 1, 1, 1, 1, 1, 1))
    assert not [path for path in new_cache.iterdir() if not path.name.startswith(".")]


@pytest.fixture(scope="session", name="toy")
def _toy(can_draw):
    return arm3d("arm3d_toy", _TINY)


@pytest.mark.long
def test_an_image_tells_its_factors(toy):
    images = toy.images_at(np.arange(toy.num_images)).reshape(toy.num_images, -1)
    assert len(np.unique(images, axis=0)) == toy.num_images
    factors = toy.indices_to_factors(np.arange(toy.num_images))
    drawn = toy.sample_observations_from_factors(factors[::7], np.random.RandomState(0))
    for row, observation in zip(factors[::7], drawn, strict=True):
        same = np.all(images == np.round(255 * observation).astype(np.uint8).ravel(), axis=1)
        np.testing.assert_array_equal(factors[np.flatnonzero(same)], [row])


@pytest.mark.long
def test_each_factor_changes_what_it_names(toy):
    """Red against white; large against small; the angles move the object right and up."""
    red = toy.factors_to_indices(np.array([[0, 0, 1, 1, 0, 1, 1], [0, 0, 0, 1, 0, 1, 1]]))
    large, small = (image.astype(int) for image in toy.images_at(red))
    assert np.sum(large.min(-1) > 200) > 1.5 * np.sum(small.min(-1) > 200) > 0
    assert SIZES[1] > SIZES[0]

    def centre(horizontal, vertical):
        index = toy.factors_to_indices(np.array([[0, 1, 1, 0, 0, horizontal, vertical]]))
        return np.argwhere(toy.images_at(index)[0].min(-1) > 200).mean(axis=0)

    assert centre(1, 0)[1] > centre(0, 0)[1] + 30
    assert centre(0, 1)[0] < centre(0, 0)[0] - 15


@pytest.mark.long
def test_images_are_the_same_when_drawn_again_in_other_pieces(new_cache, can_draw, monkeypatch):
    sizes = (1, 2, 1, 1, 1, 2, 2)
    first = arm3d("arm3d_real", sizes, num_processes=1)
    pixels = first.images_at(np.arange(8))
    monkeypatch.setattr(arm3d_store, "IMAGES_A_PIECE", 3)
    monkeypatch.setenv("TFDIS_DATA", str(new_cache / "other"))
    again = arm3d("arm3d_real", sizes, num_processes=2)
    np.testing.assert_array_equal(again.images_at(np.arange(8)), pixels)
    # Nothing but a larger grid's index decides: other cameras and jitters, the same scene.
    assert np.abs(pixels.astype(int) - arm_of("arm3d_realistic", sizes)).mean() > 3


def arm_of(name, sizes):
    """All images of a small grid."""
    data = arm3d(name, sizes, num_processes=1)
    return data.images_at(np.arange(data.num_images)).astype(int)


@pytest.mark.long
def test_unseen_objects_are_drawn(can_draw):
    images = arm_of("arm3d_real_difficult", (1, 4, 1, 1, 1, 1, 1))
    for a in range(4):
        for b in range(a):
            assert np.sum(np.abs(images[a] - images[b]).max(-1) > 60) > 10


def test_a_killed_process_is_a_clear_error(tmp_path, can_draw):
    backend, worker = arm3d_processes._first_worker(_arguments(tmp_path), tmp_path)
    assert worker.draw(0, 1) == (0, 1)
    assert any((tmp_path / "images").read_bytes())
    worker._process.kill()
    with pytest.raises(RuntimeError, match="exit code -9"):
        worker.draw(0, 1)
    assert backend in ("egl", "osmesa", None)


def test_the_data_room_does_not_import_mujoco():
    program = "import sys, tfdis.data.named; sys.exit('mujoco' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path.cwd()).returncode == 0
