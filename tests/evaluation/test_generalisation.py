"""Generalisation: R2 inside and outside of a split, of encoders whose R2 theory knows."""

import numpy as np
import pytest

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.splits.correlated import CorrelatedFactors
from tfdis.data.splits.held_out import HeldOut
from tfdis.data.state_space import FactorStateSpace
from tfdis.evaluation.generalisation import generalisation

SIZES = [4, 5, 6]


class Pixels(EnumerableData):
    """One row of three pixels, which are the factors."""

    def __init__(self):
        super().__init__("pixels", ("a", "b", "c"), FactorStateSpace(SIZES), (1, 3, 1), "generated")

    def images_at(self, indices):
        return self.indices_to_factors(indices).astype(np.uint8).reshape(-1, 1, 3, 1)


SPLIT = HeldOut([("a", 0.5, 1), ("b", 0.5, 1)])(Pixels())


def _factors(images):
    return images.reshape(len(images), 3) * 255


@pytest.mark.parametrize("probe", ["linear", "forest"])
def test_codes_that_are_the_factors(probe):
    scores = generalisation(_factors, SPLIT, probe, num_train=1000, num_test=500)
    assert scores["inside"] == pytest.approx(1, abs=0.01)
    # A line goes on outside of what it was fitted to; each value alone was seen, so trees know it too.
    assert scores["outside"] == pytest.approx(1, abs=0.01 if probe == "linear" else 0.1)
    assert set(scores) == {
        part + name for part in ("inside", "outside") for name in ("", "/a", "/b", "/c")
    }


def test_codes_that_mix_up_what_is_held_out():
    def encode(images):
        factors = _factors(images)
        outside = (factors[:, :1] >= 2) & (factors[:, 1:2] >= 2)
        return np.where(outside, 0, factors)

    scores = generalisation(encode, SPLIT, num_train=1000, num_test=500)
    assert scores["inside"] == pytest.approx(1, abs=0.01)
    # They say a = 0 where a is 2/3 or 1: 1 - mean((2/3)^2, 1) / (5 / 36).
    assert scores["outside/a"] == pytest.approx(1 - (4 / 9 + 1) / 2 / (5 / 36), rel=0.1)


def test_codes_without_information_have_no_r2_on_the_whole_grid():
    even = HeldOut([("a", 0, 0), ("b", 0, 0), ("c", 0, 0)])(Pixels())
    scores = generalisation(
        lambda images: np.zeros([len(images), 2], np.float32), even, num_train=2000, num_test=3000
    )
    assert scores["inside"] == pytest.approx(0, abs=0.05)
    # All that is held out is 0; the probe says about 1/2: 1 - (1/4) / V of each factor.
    expected = np.mean([1 - 0.25 / ((n + 1) / (12 * (n - 1))) for n in SIZES])
    assert scores["outside"] == pytest.approx(expected, abs=0.1)


def test_the_same_seed_gives_the_same_scores():
    options = {"probe": "forest", "num_train": 300, "num_test": 100, "seed": 3}
    assert generalisation(_factors, SPLIT, **options) == generalisation(_factors, SPLIT, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((_factors, Pixels()), "Expected a split of a data set"),
        ((_factors, CorrelatedFactors([(0, 1)])(Pixels())), "holds combinations out"),
        ((_factors, SPLIT, "mlp"), "Expected a probe of"),
        ((lambda images: np.full([len(images), 2], np.nan), SPLIT), "NaN or infinity"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        generalisation(*arguments)
