"""Sheets of data sets: one row for each factor, in which only that factor varies."""

import numpy as np
import pytest
from PIL import Image

from tfdis.data.named import get_named_ground_truth_data
from tfdis.plots.dataset_sheet import factor_rows, plot_dataset_sheet


@pytest.mark.parametrize("name", ["xysquares", "xyobject", "dsprites_hearts"])
def test_only_one_factor_varies_a_row(name):
    data = get_named_ground_truth_data(name)
    rows = factor_rows(data, num_columns=6, seed=1)
    base = data.sample_factors(1, np.random.RandomState(1))[0]
    for index, (row, size) in enumerate(zip(rows, data.factors_num_values, strict=True)):
        values = row[:, index]
        assert len(values) == min(size, 6) and np.all(np.diff(values) > 0)
        assert (values[0], values[-1]) == (0, size - 1)
        others = np.delete(row, index, axis=1)
        assert np.all(others == np.delete(base, index))


@pytest.mark.parametrize("name", ["dsprites_hearts", "dummy_data", "xyobject_shaded"])
def test_a_sheet_is_written_once(tmp_path, name):
    data = get_named_ground_truth_data(name)
    path = plot_dataset_sheet(data, tmp_path / "sheet.png")
    with Image.open(path) as image:
        assert image.width > 600 and np.asarray(image).std() > 10
    with pytest.raises(FileExistsError):
        plot_dataset_sheet(data, path)
    plot_dataset_sheet(data, path, overwrite=True)
    with pytest.raises(ValueError, match="num_columns of at least 2"):
        plot_dataset_sheet(data, path, num_columns=1)
