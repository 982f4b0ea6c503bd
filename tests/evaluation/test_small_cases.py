"""Every metric on codes and factors that some have no value for: a number or a reason, never NaN."""

import ml_dtypes
import numpy as np
import pandas as pd
import pytest

from tfdis.dlib import NotComputableError
from tfdis.dlib.scoring.metric_needs import Needs, names_without_number
from tfdis.evaluation import metric_names, score

FEW_POINTS = {"num_train": 100, "num_eval": 50, "batch_size": 8}
FAST = {
    "beta_vae": FEW_POINTS,
    "factor_vae": FEW_POINTS,
    "dci_es": {"capacities": (16, 32)},
    "dci_forest": {"num_trees": 5},
    "r2": {"num_trees": 5},
    "windin": {"num_samples": 50},
}


def _grid(*sizes, copies=20):
    axes = np.meshgrid(*map(np.arange, sizes), indexing="ij")
    return np.repeat(np.stack(axes, axis=-1).reshape(-1, len(sizes)), copies, axis=0)


def _noisy(values):
    return values + 0.1 * np.random.RandomState(0).normal(size=values.shape)


PAIR, SINGLE = _grid(3, 4), _grid(5, copies=40)
CASES = {
    "one latent": (_noisy(PAIR[:, :1]), PAIR),
    "one factor": (_noisy(np.repeat(SINGLE, 3, axis=1)), SINGLE),
    "one of each": (_noisy(SINGLE), SINGLE),
    "a constant latent": (np.c_[_noisy(PAIR), np.zeros(len(PAIR))], PAIR),
    "constant codes": (np.full([len(PAIR), 3], 2.5), PAIR),
    "few samples": (_noisy(PAIR[::10]), PAIR[::10]),
    "fewer samples than values": (_noisy(PAIR[:5]), np.arange(10).reshape(5, 2)),
}
# Case -> metrics without a value for it.
LEFT_OUT = {
    "one latent": {"dci", "jemmig", "mig", "rmig", "sap", "unsupervised"},
    "one factor": {"beta_vae", "dci", "modularity_explicitness"},
    "one of each": {
        *("beta_vae", "dci", "jemmig", "mig", "modularity_explicitness", "rmig", "sap"),
        "unsupervised",
    },
    "a constant latent": {"modularity_explicitness", "unsupervised"},
    "constant codes": {"modularity_explicitness", "unsupervised"},
    "few samples": {"dci_es"},
    "fewer samples than values": set(metric_names()),
}


@pytest.mark.long
@pytest.mark.parametrize("metric", metric_names())
@pytest.mark.parametrize("case", CASES)
def test_a_metric_has_numbers_or_a_reason(case, metric):
    codes, factors = CASES[case]
    options = {metric: FAST[metric]} if metric in FAST else None
    if metric in LEFT_OUT[case]:
        with pytest.raises(NotComputableError, match="Expected .* Received"):
            score(codes, factors, [metric], options=options)
    else:
        found = score(codes, factors, [metric], options=options)
        assert found and np.isfinite(list(found.values())).all()


def test_the_others_are_scored_and_the_reason_is_logged(caplog):
    codes, factors = CASES["one latent"]
    with caplog.at_level("WARNING"):
        found = score(codes, factors, ["mig", "mcc"], bootstrap=10)
    assert {name.partition("/")[0] for name in found} == {"mcc"}
    assert "mig is left out: Expected at least 2 latents. Received: 1." in caplog.text


def test_what_is_needed_is_said_in_words():
    needs = Needs(num_latents=2, num_factors=2, varying=True)
    assert needs.lacking(2, 2, 0) == ""
    assert needs.lacking(2, 1, 0) == "at least 2 factors. Received: 1"
    assert needs.lacking(3, 2, 1) == "latents that vary. Received: 1 of 3 that are constant"


def test_nan_is_no_number():
    assert names_without_number({"a": float("nan"), "b": 1.0, "c": [float("nan")]}) == ["a"]

    def broken(codes, factors):
        return {"share": np.nan}

    with pytest.raises(NotComputableError, match="NaN for share"):
        score(*CASES["one latent"], [broken])


class Tensor:
    """Behaves like a PyTorch tensor that is part of a graph: numpy cannot read it as it is."""

    dtype = "torch.float32"

    def __init__(self, values, is_detached=False):
        self._values, self._is_detached = values, is_detached

    def detach(self):
        return Tensor(self._values, is_detached=True)

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        if not self._is_detached:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return np.array(self._values, dtype)


@pytest.mark.long
def test_tensors_frames_texts_and_single_columns_are_arrays():
    codes, factors = _noisy(PAIR), PAIR
    expected = score(codes, factors, ["mcc", "infomec"])
    expected = pytest.approx(expected)
    assert score(Tensor(codes), Tensor(factors), ["mcc", "infomec"]) == expected
    half = ml_dtypes.bfloat16
    rounded = score(codes.astype(half).astype(np.float32), factors, ["mcc"])
    assert score(codes.astype(half), factors, ["mcc"]) == rounded
    frame = pd.DataFrame({"a": factors[:, 0], "b": factors[:, 1]})
    assert score(pd.DataFrame(codes), frame, ["mcc", "infomec"]) == expected
    texts = np.array(["circle", "heart", "square"])[factors[:, 0]]
    named = pd.DataFrame({"shape": texts, "b": factors[:, 1]})
    assert score(codes, named, ["mcc", "infomec"]) == expected
    one = score(codes[:, 0], factors[:, 0], ["mcc"])
    assert one == score(codes[:, :1], factors[:, :1], ["mcc"])


def test_codes_are_numbers():
    with pytest.raises(ValueError, match="Expected codes as numbers"):
        score(np.array([["a", "b"]] * 30), PAIR[:30], ["mcc"])
