"""dSprites re-rendered: published numbers, the sub-grid, and a disk that is full."""

import errno
import logging as python_logging
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tfdis.data.log_once import log_once
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.dsprites.dsprites import dsprites_images
from tfdis.data.store import image_store as store

PUBLISHED_MEAN, PUBLISHED_STD = 0.042494423521889584, 0.19516645880626055
# Expected squared distance of two images that differ in one factor, in all, of the published table.
PUBLISHED_DISTANCES = {
    "shape": 0.0214,
    "scale": 0.0250,
    "orientation": 0.0172,
    "position x": 0.0559,
    "position y": 0.0584,
    "random": 0.0754,
}


@pytest.fixture(scope="module")
def dsprites():
    return get_named_ground_truth_data("dsprites_full")


@pytest.mark.long
def test_interface(dsprites):
    assert dsprites.provenance == "re-rendered"
    assert dsprites.num_images == 737280
    assert dsprites.factors_num_values == [3, 6, 40, 32, 32]
    assert dsprites.observation_shape == [64, 64, 1]
    noshape = get_named_ground_truth_data("dsprites_noshape")
    assert noshape.factors_num_values == [6, 40, 32, 32]
    assert noshape.factor_names == dsprites.factor_names[1:]


@pytest.mark.long
def test_published_mean_and_deviation(dsprites):
    counts = []
    for start in range(0, dsprites.num_images, 8192):
        rows = dsprites.images.rows_at(np.arange(start, start + 8192))
        counts.append(np.bitwise_count(rows.view(np.uint64)).sum(axis=1, dtype=np.int64))
    share = np.concatenate(counts) / 4096
    deviation = np.sqrt(share * (1 - share) * 4096 / 4095)
    assert share.mean() == pytest.approx(PUBLISHED_MEAN, abs=1e-3)
    assert deviation.mean() == pytest.approx(PUBLISHED_STD, abs=1e-3)
    assert share.min() > 0


@pytest.mark.long
@pytest.mark.parametrize("varied", list(PUBLISHED_DISTANCES))
def test_published_distances_of_images(dsprites, varied):
    draws = np.random.RandomState(0)
    first = dsprites.sample_factors(6000, draws)
    second = dsprites.sample_factors(6000, draws)
    for column, name in enumerate(dsprites.factor_names):
        if varied not in (name, "random"):
            second[:, column] = first[:, column]
    pairs = [
        dsprites.images_at(dsprites.factors_to_indices(part)) // 255 for part in (first, second)
    ]
    differ = np.any(first != second, axis=1)
    distance = np.mean(pairs[0] != pairs[1], axis=(1, 2, 3))[differ].mean()
    assert distance == pytest.approx(PUBLISHED_DISTANCES[varied], abs=0.002)


def test_hidden_shape_is_drawn_with_every_image():
    noshape = get_named_ground_truth_data("dsprites_noshape")
    factors = np.tile([5, 3, 16, 16], (600, 1))
    indices = noshape.sample_indices_from_factors(factors, np.random.RandomState(0))
    shapes, counts = np.unique(indices // (6 * 40 * 1024), return_counts=True)
    assert shapes.tolist() == [0, 1, 2] and counts.min() > 150
    np.testing.assert_array_equal(noshape.indices_to_factors(indices), factors)


@pytest.mark.long
def test_hearts_are_those_of_the_whole_set(dsprites):
    hearts = get_named_ground_truth_data("dsprites_hearts")
    assert (hearts.num_images, hearts.provenance) == (1536, "re-rendered")
    factors = hearts.indices_to_factors(np.arange(1536))
    whole = np.insert(np.insert(factors, 1, 0, axis=1), 0, 2, axis=1)
    whole[:, -1] += 12
    expected = dsprites.images_at(dsprites.factors_to_indices(whole))
    np.testing.assert_array_equal(hearts.images_at(np.arange(1536)), expected)
    from_whole = type(hearts)(dsprites.images)
    np.testing.assert_array_equal(from_whole.images_at([0, 1535, 77]), expected[[0, 1535, 77]])


def test_hearts_need_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path))
    get_named_ground_truth_data("dsprites_hearts").images_at([0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["dsprites_full", "dsprites_hearts"])
def test_use_is_logged_as_re_rendered_once(name, dsprites, caplog):
    log_once.cache_clear()
    with caplog.at_level(python_logging.INFO, logger="absl"):
        for _ in range(3):
            get_named_ground_truth_data(name)
    assert caplog.text.count("re-rendered, not") == 1


class _FullDisk:
    """A file on a disk that is full after a megabyte."""

    def __init__(self, *args, **kwargs):
        self._file = open(*args, **kwargs)  # noqa: SIM115
        self._left = 2**20

    def write(self, data):
        self._left -= memoryview(data).nbytes
        if self._left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()


def test_disk_full_while_rendering(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "open", _FullDisk, raising=False)
    with pytest.raises(OSError, match="re-rendered dSprites.*No space left.*TFDIS_DATA") as caught:
        dsprites_images()
    assert caught.value.errno == errno.ENOSPC
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.long
def test_the_systems_own_refusal_to_write_more(tmp_path):
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))\n"
        "from tfdis.data.named import get_named_ground_truth_data as get; get('dsprites_full')"
    )
    environment = {**os.environ, "TFDIS_DATA": str(tmp_path / "cache")}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert re.search("re-rendered dSprites.*File too large.*TFDIS_DATA", result.stderr)
    assert list((tmp_path / "cache").iterdir()) == []
