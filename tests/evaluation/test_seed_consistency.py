"""Seed consistency of identity, permuted, rotated, duplicated and constant codes; and bad input."""

import numpy as np
import pytest

from tfdis import seed_consistency


def _with(codes, kind):
    return seed_consistency([codes["identity"], codes[kind]])


def test_codes_of_the_calibration(codes):
    identity, permuted = _with(codes, "identity"), _with(codes, "permuted")
    assert identity["matched"] == identity["same_place"] == pytest.approx(1.0)
    assert permuted["matched"] == pytest.approx(1.0)
    assert permuted["same_place"] == pytest.approx(0.0, abs=1e-9)
    # The rotation's entries are 2/3 at best.
    assert _with(codes, "rotated")["matched"] == pytest.approx(2 / 3, abs=0.03)
    # Three latents of six have a partner.
    assert _with(codes, "duplicated")["matched"] == pytest.approx(0.5)
    assert _with(codes, "constant")["matched"] == _with(codes, "constant")["same_place"] == 0.0
    assert _with(codes, "noise")["matched"] < 0.15


def test_three_models_are_compared_in_pairs_and_unused_latents_do_not_count(codes):
    noise = 0.001 * codes["noise"]
    wide = np.concatenate([codes["identity"], noise], axis=1)
    found = seed_consistency([wide, codes["identity"], codes["rotated"]])
    pairwise = np.array(found["pairwise"])
    assert pairwise[0, 1] == pytest.approx(1.0)
    assert pairwise[0, 2] == pytest.approx(pairwise[1, 2]) == pytest.approx(2 / 3, abs=0.03)
    assert found["matched"] == pytest.approx((pairwise[0, 1] + 2 * pairwise[0, 2]) / 3)
    places = np.array(found["pairwise_same_place"])
    assert places[0, 1] == places[1, 0] == pytest.approx(1.0)
    # The diagonal of the rotation.
    assert places[1, 2] == pytest.approx(2 / 3, abs=0.03)
    assert found["same_place"] == pytest.approx((places[0, 1] + places[0, 2] + places[1, 2]) / 3)


@pytest.mark.parametrize(
    "codes",
    [[np.eye(3)], [np.eye(3), np.eye(4)], [np.eye(3), np.full([3, 3], np.nan)]],
    ids=["one", "other images", "nan"],
)
def test_bad_codes_are_refused(codes):
    with pytest.raises(ValueError, match="Received"):
        seed_consistency(codes)
