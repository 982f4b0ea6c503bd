"""Images that form no grid: drawn alike, by factors that occur, and refused where they do not."""

import numpy as np
import pytest

from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.rows_data import RowsData, bin_values
from tfdis.data.store.store_format import StoreMetadata

LABELS = np.array([[0, 2], [1, 0], [0, 2], [0, 2], [1, 1]])


def _data(labels=LABELS, **options):
    metadata = StoreMetadata("rows", 5, (1, 1, 1), "bytes", "generated", "here")
    images = ImageStore(metadata, np.arange(5, dtype=np.uint8)[:, None] * np.uint8(51))
    return RowsData("rows", images, ["a", "b"], labels, **options)


def _rows(observations):
    return np.rint(observations[:, 0, 0, 0] * 5).astype(int)


def test_every_row_is_drawn_alike_with_its_own_factors():
    data = _data()
    factors, images = data.sample(5000, np.random.RandomState(0))
    np.testing.assert_array_equal(factors, LABELS[_rows(images)])
    np.testing.assert_allclose(np.bincount(_rows(images)) / 5000, 0.2, atol=0.03)


def test_rows_of_equal_factors_are_drawn_alike_and_others_never():
    data = _data()
    given = np.tile([[0, 2], [1, 1]], (1500, 1))
    images = data.sample_observations_from_factors(given, np.random.RandomState(0))
    counts = np.bincount(_rows(images), minlength=5)
    assert counts[1] == 0 and counts[4] == 1500
    np.testing.assert_allclose(counts[[0, 2, 3]] / 1500, 1 / 3, atol=0.05)
    with pytest.raises(ValueError, match=r"\[1, 2\], which has none"):
        data.sample_observations_from_factors(np.array([[0, 2], [1, 2]]), np.random.RandomState(0))


def test_labels_and_sizes_that_do_not_fit_are_refused():
    assert _data().factors_num_values == [2, 3]
    assert _data(factor_sizes=[4, 4]).factors_num_values == [4, 4]
    for options in ({"labels": LABELS[:4]}, {"labels": -LABELS}, {"factor_sizes": [2, 2]}):
        with pytest.raises(ValueError, match="Expected (labels of shape|factor values from 0)"):
            _data(**options)
    with pytest.raises(ValueError, match="num_bins"):
        bin_values(LABELS, 1)
