"""Arrays that grow on disk."""

import numpy as np
import pytest

from tfdis.files.growing_array import GrowingArray


def test_a_growing_array_is_a_plain_npy_file_and_only_then_has_its_name(tmp_path):
    path, rows = tmp_path / "a.npy", np.arange(10.0).reshape(5, 2)
    array = GrowingArray(path, (5, 2), np.float32)
    array.append(rows[:2])
    with pytest.raises(ValueError, match="Expected 5 rows"):
        array.finish()
    with pytest.raises(ValueError, match="up to 3 rows"):
        array.append(rows[:4])
    array.close()
    assert not path.exists()
    array = GrowingArray(path, (5, 2), np.float32)
    assert array.num_rows == 2
    array.append(rows[2:])
    array.finish()
    np.testing.assert_array_equal(np.load(path, allow_pickle=False), rows)
    again = GrowingArray(path, (5, 2), np.float32)
    assert again.num_rows == 5
    again.close()
    # Another array of the same name starts anew.
    other = GrowingArray(path, (5, 3), np.float32)
    assert other.num_rows == 0
    other.close()
