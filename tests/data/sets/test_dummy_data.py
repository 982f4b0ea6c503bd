"""dummy_data draws what disentanglement_lib's set of that name draws."""

import numpy as np
import pytest

from tfdis.data.sets.dummy_data import DummyData


def test_same_draws_as_disentanglement_lib():
    tfdis_dlib = pytest.importorskip("tfdis.dlib")
    tfdis_dlib.install()
    from disentanglement_lib.data.ground_truth import dummy_data

    ours, theirs = DummyData(), dummy_data.DummyData()
    assert ours.factors_num_values == theirs.factors_num_values
    assert ours.observation_shape == theirs.observation_shape
    drawn = [data.sample(5, np.random.RandomState(0)) for data in (ours, theirs)]
    for received, expected in zip(*drawn, strict=True):
        np.testing.assert_array_equal(received, expected)
        assert received.dtype == expected.dtype
