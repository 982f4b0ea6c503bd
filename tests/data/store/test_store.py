"""Stores: what goes in comes out, in both encodings, mapped and read by position."""

import hashlib
import json
import pickle

import numpy as np
import pytest

from tfdis.data.store import image_store as store
from tfdis.data.store.image_store import ImageStore, write_store
from tfdis.data.store.store_format import StoreMetadata, decode_rows, encode_rows


def _metadata(encoding, image_shape=(5, 3, 2), num_images=50):
    return StoreMetadata("test", num_images, image_shape, encoding, "generated", "a test")


def _images(metadata):
    shape = (metadata.num_images, *metadata.image_shape)
    images = np.random.RandomState(0).randint(256, size=shape).astype(np.uint8)
    return (
        np.where(images > 127, 255, 0).astype(np.uint8) if metadata.encoding == "bits" else images
    )


def _write(folder, metadata, images):
    folder.mkdir()
    rows = encode_rows(images, metadata.encoding)
    write_store(folder, metadata, [rows[:20], rows[20:]])


@pytest.mark.parametrize("largest_mapped", [0, 2**20])
@pytest.mark.parametrize("encoding", ["bits", "bytes"])
def test_round_trip(tmp_path, monkeypatch, encoding, largest_mapped):
    monkeypatch.setattr(store, "LARGEST_MAPPED_BYTES", largest_mapped)
    metadata = _metadata(encoding)
    images = _images(metadata)
    _write(tmp_path / "s", metadata, images)
    opened = ImageStore.open(tmp_path / "s")
    for indices in ([3], [], [7, 7, 0, 49], range(10, 20), range(50)):
        indices = np.array(list(indices), dtype=np.int64)
        received = opened.images_at(indices)
        assert received.dtype == np.uint8
        np.testing.assert_array_equal(received, images[indices])
    again = pickle.loads(pickle.dumps(opened))
    np.testing.assert_array_equal(again.images_at([4, 2]), images[[4, 2]])
    for bad in ([50], [-1]):
        with pytest.raises(IndexError, match="from 0 to 49"):
            opened.images_at(bad)


def test_numpy_reads_the_file_and_the_hash_is_of_the_rows(tmp_path):
    metadata = _metadata("bytes")
    images = _images(metadata)
    _write(tmp_path / "s", metadata, images)
    plain = np.load(tmp_path / "s" / "images.npy", mmap_mode="r", allow_pickle=False)
    np.testing.assert_array_equal(plain, images)
    sha256 = json.loads((tmp_path / "s" / "store.json").read_text())["sha256"]
    assert sha256 == hashlib.sha256(images.tobytes()).hexdigest()


def test_first_pixel_is_the_highest_bit():
    rows = np.array([[0b10100000, 0b01000000]], dtype=np.uint8)
    expected = np.array([255, 0, 255, 0, 0, 0, 0, 0, 0, 255], dtype=np.uint8)
    np.testing.assert_array_equal(decode_rows(rows, (10, 1, 1), "bits").ravel(), expected)


@pytest.mark.parametrize("damage", ["truncate", "extend", "header", "metadata", "no metadata"])
def test_damage_is_one_clear_error(tmp_path, damage):
    folder = tmp_path / "s"
    metadata = _metadata("bytes")
    _write(folder, metadata, _images(metadata))
    path = folder / "images.npy"
    data = path.read_bytes()
    if damage == "truncate":
        path.write_bytes(data[:-1])
    elif damage == "extend":
        path.write_bytes(data + b"x")
    elif damage == "header":
        path.write_bytes(data.replace(b"(50, 5, 3, 2)", b"(50, 3, 5, 2)"))
    elif damage == "metadata":
        (folder / "store.json").write_text("{")
    else:
        (folder / "store.json").unlink()
    with pytest.raises(ValueError, match="Expected .*Received.*delete"):
        ImageStore.open(folder)


def test_truncation_while_open_is_an_error_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LARGEST_MAPPED_BYTES", 0)
    metadata = _metadata("bytes")
    _write(tmp_path / "s", metadata, _images(metadata))
    opened = ImageStore.open(tmp_path / "s")
    (tmp_path / "s" / "images.npy").write_bytes(b"")
    for indices in ([1], [5, 3], np.arange(50)):
        with pytest.raises(OSError, match="the file was changed"):
            opened.images_at(indices)


@pytest.mark.parametrize(
    "rows", [np.zeros((3, 30), np.uint8), np.zeros((50, 29), np.uint8), np.zeros((50, 30), bool)]
)
def test_rows_of_another_number_size_or_type_are_refused(tmp_path, rows):
    with pytest.raises(ValueError, match="Expected"):
        write_store(tmp_path, _metadata("bytes"), [rows])
