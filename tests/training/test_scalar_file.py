"""Scalars by step: a file whose columns change keeps its rows."""

import numpy as np
import pytest

from tfdis.plots.curves import read_training_log
from tfdis.training.scalar_file import ScalarFile


@pytest.mark.parametrize("start", [4, 6])
def test_rows_of_other_names_are_kept_with_gaps(tmp_path, start):
    """As of a run that goes on with a version of tfdis that logs other names."""
    before = ScalarFile(tmp_path, "log", "train", 0)
    for step in (2, 4, 6):
        before.write(step, {"loss": float(step), "old": 1.0})
    after = ScalarFile(tmp_path, "log", "train", start)
    after.write(8, {"loss": 8.0, "new": 2.0})
    log = read_training_log(tmp_path / "log.csv")
    kept = [step for step in (2, 4, 6) if step <= start]
    gaps = [np.nan] * len(kept)
    assert list(log) == ["step", "loss", "old", "new"]
    np.testing.assert_array_equal(log["step"], [*kept, 8])
    np.testing.assert_array_equal(log["loss"], [*kept, 8])
    np.testing.assert_array_equal(log["old"], [*np.ones(len(kept)), np.nan])
    np.testing.assert_array_equal(log["new"], [*gaps, 2])
    assert after.row(8)["new"] == 2.0
