"""Isaac3D, Falcor3D, CelebA and 3DIdent: small folders in the published layouts, and what they refuse."""

import itertools

import gin
import numpy as np
import pytest
from PIL import Image

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets import celeba, nvlabs3d, threedident


def _write_pictures(folder, names, shape, suffix="png"):
    """Pictures of one colour each; returns the colours."""
    folder.mkdir(parents=True)
    colours = np.random.RandomState(0).randint(256, size=(len(names), 3)).astype(np.uint8)
    for name, colour in zip(names, colours, strict=True):
        pixels = np.broadcast_to(colour, (*shape, 3))
        Image.fromarray(np.ascontiguousarray(pixels)).save(folder / name, quality=95)
    return colours


FACTORS = {"object shape": 3, "robot x": 2, "wall color": 2}


@pytest.fixture
def nvlabs(originals):
    folder = originals / "Isaac3D_down128"
    names = [f"{number:06}.png" for number in range(12)]
    colours = _write_pictures(folder / "images", names, (128, 128))
    grid = np.array(list(itertools.product(*map(range, FACTORS.values()))), np.float32)
    np.save(folder / "labels.npy", grid / (np.array(list(FACTORS.values())) - 1))
    return folder, colours


@pytest.mark.parametrize("size", [128, 64])
def test_nvlabs_pictures_are_the_grid_in_order(nvlabs, size, assert_enumerates_itself):
    folder, colours = nvlabs
    images = nvlabs3d.open_original("isaac3d", folder, "labels.npy", FACTORS, size)
    data = nvlabs3d.NVLabs3D("isaac3d", images, FACTORS)
    assert data.observation_shape == [size, size, 3]
    assert data.categorical_factors == ("object shape", "wall color")
    assert_enumerates_itself(data)
    assert data.factors_to_indices(np.array([[2, 0, 1]])) == [9]
    np.testing.assert_array_equal(data.images_at(np.arange(12))[:, 5, 7], colours)


def test_grids_of_nvlabs_have_the_published_numbers_of_images():
    sizes = {name: list(factors.values()) for name, (_, _, factors) in nvlabs3d.LAYOUTS.items()}
    assert np.prod(sizes["isaac3d"]) == 737_280 and np.prod(sizes["falcor3d"]) == 233_280
    assert sizes["isaac3d"][1:4] == [8, 5, 4]


def test_nvlabs_other_labels_and_missing_pictures_are_refused(nvlabs, cached):
    folder, _ = nvlabs
    table = np.load(folder / "labels.npy")
    for wrong in (table[::-1], table[:, :2], (4 * table).astype(int)):
        np.save(folder / "labels.npy", wrong)
        with pytest.raises(ValueError, match="Expected"):
            nvlabs3d.open_original("isaac3d", folder, "labels.npy", FACTORS)
    np.save(folder / "labels.npy", table)
    (folder / "images" / "000004.png").write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"000004.png to hold a picture"):
        nvlabs3d.open_original("isaac3d", folder, "labels.npy", FACTORS)
    (folder / "images" / "000011.png").unlink()
    with pytest.raises(ValueError, match=r"no 000011.png"):
        nvlabs3d.open_original("isaac3d", folder, "labels.npy", FACTORS)
    assert cached() == []


NAMES = ["5_o_Clock_Shadow", "Smiling", "Young"]
ATTRIBUTES = np.random.RandomState(0).choice([-1, 1], size=(9, 3))
FILES = [f"{number:06}.jpg" for number in range(1, 10)]


@pytest.fixture(params=["txt", "csv"])
def faces(request, originals):
    folder = originals / "celeba"
    colours = _write_pictures(folder / "img_align_celeba", FILES, (218, 178))
    rows = [[file, *map(str, row)] for file, row in zip(FILES, ATTRIBUTES, strict=True)]
    if request.param == "txt":
        lines = ["9", " ".join(NAMES), *("  ".join(row) for row in rows)]
    else:
        lines = [",".join(["image_id", *NAMES]), *(",".join(row) for row in rows)]
    (folder / f"list_attr_celeba.{request.param}").write_text("\n".join(lines) + "\n")
    separator = " " if request.param == "txt" else ","
    parts = [f"{file}{separator}{number // 4}" for number, file in enumerate(FILES)]
    parts = parts if request.param == "txt" else ["image_id,partition", *parts]
    (folder / f"list_eval_partition.{request.param}").write_text("\n".join(parts) + "\n")
    return folder, colours


def test_celeba_has_its_attributes_and_partitions(faces):
    _, colours = faces
    data = get_named_ground_truth_data("celeba")
    assert data.factor_names == tuple(NAMES) and data.factors_num_values == [2, 2, 2]
    assert data.observation_shape == [64, 64, 3] and data.num_images == 9
    np.testing.assert_array_equal(data.labels, ATTRIBUTES > 0)
    np.testing.assert_allclose(data.images_at(np.arange(9))[:, 9, 9], colours, atol=3)
    for partition, rows in {"train": [0, 1, 2, 3], "valid": [4, 5, 6, 7], "test": [8]}.items():
        with gin.unlock_config():
            gin.parse_config(f"celeba.partition = '{partition}'\nceleba.image_size = 32")
        part = get_named_ground_truth_data("celeba")
        np.testing.assert_array_equal(part.labels, ATTRIBUTES[rows] > 0)
        found = part.images_at(np.arange(len(rows)))[:, 9, 9]
        np.testing.assert_allclose(found, colours[rows], atol=3)


def test_celeba_draws_images_by_attributes_that_occur(faces):
    data = get_named_ground_truth_data("celeba")
    factors, images = data.sample(40, np.random.RandomState(0))
    rows = [np.flatnonzero(np.all(data.labels == row, axis=1)) for row in factors]
    for image, candidates in zip(images, rows, strict=True):
        known = data.images_at(candidates).astype(np.float32) / 255
        assert any(np.array_equal(image, each) for each in known)


def test_celeba_refuses_damage(faces):
    folder, _ = faces
    (path,) = folder.glob("list_attr_celeba.*")
    text = path.read_text()
    for wrong in (text.replace("-1", "0"), text.rsplit("1", 1)[0], text.replace("000009", "../x")):
        path.write_text(wrong)
        with pytest.raises(ValueError, match="Expected"):
            celeba.celeba()
    path.write_text(text)
    with pytest.raises(ValueError, match="partition"):
        celeba.celeba(partition="all")


def _write_3dident(folder, num=12):
    names = [f"{number:0{len(str(num - 1))}}.png" for number in range(num)]
    colours = _write_pictures(folder / "images", names, (224, 224))
    raw = np.random.RandomState(1).uniform(-1, 1, size=(num, 10))
    np.save(folder / "raw_latents.npy", raw)
    return colours, raw


def test_3dident_has_values_and_bins(originals):
    colours, raw = _write_3dident(originals / "3dident" / "test")
    data = threedident.threedident("test", num_bins=4)
    assert data.factors_num_values == [4] * 10 and data.observation_shape == [64, 64, 3]
    np.testing.assert_array_equal(data.values, raw)
    low, high = raw.min(axis=0), raw.max(axis=0)
    expected = np.minimum(np.floor(4 * (raw - low) / (high - low)), 3)
    np.testing.assert_array_equal(data.labels, expected)
    np.testing.assert_array_equal(data.images_at(np.arange(12))[:, 3, 3], colours)
    again = data.sample_observations_from_factors(data.labels, np.random.RandomState(0))
    np.testing.assert_allclose(again[:, 3, 3] * 255, colours, atol=1e-3)


def test_3dident_refuses_other_variants(originals):
    folder = originals / "3dident" / "train"
    _, raw = _write_3dident(folder)
    for wrong in (raw[:, :8], 3 * raw, raw.astype(int)):
        np.save(folder / "raw_latents.npy", wrong)
        with pytest.raises(ValueError, match="Expected"):
            threedident.threedident()
    with pytest.raises(ValueError, match="subset"):
        threedident.threedident("all")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("isaac3d", "Isaac3D_down128/labels.npy"),
        ("falcor3d", "Falcor3D_down128/train-rec.labels"),
        ("celeba", "celeba/list_attr_celeba.txt"),
        ("threedident", "3dident/train/raw_latents.npy"),
        ("kitti_masks", "kitti_masks/kitti_peds_v2.pickle"),
        ("natural_sprites", "natural_sprites/downscale_keepaspect.csv"),
    ],
)
def test_missing_originals_are_named_with_what_to_do(name, file, originals):
    with pytest.raises(FileNotFoundError, match="Fix: (unpack|put)") as caught:
        get_named_ground_truth_data(name)
    assert str(originals / file) in str(caught.value)
