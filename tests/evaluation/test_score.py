"""The front door: names, options, intervals, disentanglement_lib's metrics, bad input."""

import re
import sys

import gin
import numpy as np
import pytest

from tfdis.dlib.scoring.metric_functions import metric_function
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import metric_names, score


def test_names_and_functions_give_a_flat_dict(codes, factors):
    def first_correlation(codes, factors):
        return np.corrcoef(codes[:, 0], factors[:, 0])[0, 1]

    def with_seed(codes, factors, seed):
        return {"seed": seed, "rows": len(codes)}

    found = score(codes["identity"], factors, ["mcc", first_correlation, with_seed], seed=7)
    assert found["first_correlation"] == pytest.approx(1.0)
    assert (found["with_seed/seed"], found["with_seed/rows"]) == (7, 600)
    assert set(found) == {
        *("mcc/strong", "mcc/strong_spearman", "mcc/weak", "first_correlation"),
        *("with_seed/seed", "with_seed/rows"),
    }
    assert all(type(value) is float for value in found.values())


@pytest.mark.parametrize(
    "metric",
    ["dci", "irs", "mig", "modularity_explicitness", "sap", "sap_score", "unsupervised"],
)
def test_dlibs_metrics_take_arrays(codes, factors, metric):
    rows = np.random.RandomState(0).permutation(600)[:200]
    first = score(codes["rotated"][rows], factors[rows], [metric])
    assert first == score(codes["rotated"][rows], factors[rows], [metric])
    assert np.isfinite(list(first.values())).all()


def test_mig_is_dlibs_on_exactly_these_rows(codes, factors):
    install()
    from disentanglement_lib.evaluation.metrics import mig

    with gin.unlock_config():
        gin.parse_config("discretizer.discretizer_fn = @histogram_discretizer")
        gin.parse_config("discretizer.num_bins = 20")
    expected = mig._compute_mig(codes["rotated"].T, factors.T)["discrete_mig"]
    found = score(codes["rotated"], factors, ["mig"])["mig/discrete_mig"]
    assert found == pytest.approx(expected, abs=1e-12)


def test_dci_is_seeded_and_leaves_numpys_global_state(codes, factors):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    score(codes["rotated"][::4], factors[::4], ["dci"])
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_gin_is_as_it_was(codes, factors):
    metric_function("mig.compute_mig")
    gin.parse_config("discretizer.num_bins = 7")
    before = gin.config_str(), gin.operative_config_str()
    score(codes["identity"], factors, ["mig"])
    assert (gin.config_str(), gin.operative_config_str()) == before


def test_a_locked_configuration_stays_locked(monkeypatch, codes, factors):
    gin.finalize()
    modules = [name for name in sys.modules if "disentanglement_lib.evaluation.metrics.mig" in name]
    for name in modules:
        # As in a run that has not loaded it yet: its gin names are new.
        monkeypatch.delitem(sys.modules, name)
    assert gin.config_is_locked()
    with gin.config.interactive_mode():
        score(codes["identity"], factors, ["mig"])
    assert gin.config_is_locked()


@pytest.mark.parametrize("metric", ["beta_vae", "factor_vae"])
def test_metrics_that_fix_a_factor(codes, factors, metric):
    few = {metric: {"num_train": 300, "num_eval": 200, "batch_size": 16}}
    found = score(codes["identity"], factors, [metric], options=few)
    assert found[f"{metric}/eval_accuracy"] > 0.95
    with pytest.raises(ValueError, match=r"every combination.*60 of 3 x 4 x 5 values.*59 of them"):
        score(codes["identity"][1:60], factors[1:60], [metric])
    with pytest.raises(ValueError, match="no bootstrap with"):
        score(codes["identity"], factors, [metric], bootstrap=10)


def test_options_reach_the_metric(codes, factors):
    coarse = score(codes["rotated"], factors, ["mig"], options={"mig": {"num_bins": 3}})
    assert coarse != score(codes["rotated"], factors, ["mig"])
    few = score(codes["rotated"], factors, ["r2"], options={"r2": {"nonlinear": False}})
    assert "r2/nonlinear" not in few


def test_raw_and_standardised_codes(codes, factors):
    wide = codes["rotated"] * [1.0, 1e-3, 1e3]
    found = score(wide, factors, ["sap", "mcc"], standardise="both")
    alone = score(wide, factors, ["sap", "mcc"], standardise=True)
    assert {f"standardised/{name}": value for name, value in alone.items()}.items() <= found.items()
    assert len(found) == 2 * len(alone)
    # SAP's linear SVM depends on the scale of a latent, correlations do not.
    assert found["sap/SAP_score"] != found["standardised/sap/SAP_score"]
    assert found["mcc/strong"] == pytest.approx(found["standardised/mcc/strong"])


def test_bootstrap_adds_intervals_around_the_score(codes, factors):
    noisy = codes["identity"] + codes["noise"]
    found = score(noisy, factors, ["mcc"], bootstrap=30)
    plain = score(noisy, factors, ["mcc"])
    assert plain.items() <= found.items()
    for name, value in plain.items():
        assert found[f"{name}/low"] < value < found[f"{name}/high"]
        assert found[f"{name}/high"] - found[f"{name}/low"] < 0.15
    assert score(noisy, factors, ["mcc"], bootstrap=30) == found
    narrow = score(noisy, factors, ["mcc"], bootstrap=30, confidence=0.5)
    assert narrow["mcc/strong/high"] < found["mcc/strong/high"]


def test_every_metric_has_a_name_of_its_own():
    names = metric_names()
    assert len(names) == len(set(names)) == 16


FINE = np.random.RandomState(0).normal(size=[100, 3]), np.arange(300).reshape(100, 3) % 4


def _with_nan():
    codes = FINE[0].copy()
    codes[4, 1] = np.nan
    return codes


@pytest.mark.parametrize(
    ("codes", "factors", "options", "message"),
    [
        (_with_nan(), FINE[1], {}, r"finite codes. Received: nan in row 4, column 1"),
        (FINE[0], FINE[1] * 1.0 + np.inf, {}, r"finite factors. Received: inf"),
        (
            FINE[0],
            np.where([1, 1, 0], FINE[1], 2),
            {},
            r"two values of every factor.*only 2.*column 2",
        ),
        (FINE[0][:50], FINE[1], {}, r"as many rows.*\(50, 3\).*\(100, 3\)"),
        (FINE[0][:10], FINE[1][:10], {}, r"at least 20 samples. Received: 10"),
        (FINE[0][None], FINE[1], {}, r"codes as numbers of shape .*shape \(1, 100, 3\)"),
        (FINE[0].astype(str), FINE[1], {}, r"codes as numbers of shape"),
        (FINE[0][:, :0], FINE[1], {}, r"codes as numbers of shape"),
        (FINE[0], FINE[0], {"metrics": ["infomec"]}, r"infomec needs factors of discrete values"),
        (FINE[0], FINE[0], {"metrics": ["mig"]}, r"mig needs factors of discrete values"),
        (*FINE, {"metrics": ["infomce"]}, r"'infomce'. Fix: did you mean 'infomec'"),
        (*FINE, {"metrics": []}, r"one or more metrics"),
        (*FINE, {"metrics": "mcc"}, r"list of one or more metrics. Received: 'mcc'"),
        (*FINE, {"metrics": ["mcc", "mcc"]}, r"'mcc' twice"),
        (*FINE, {"options": {"mig": {}}}, r"options of the metrics \['mcc'\]"),
        (*FINE, {"options": {"mcc": {"bins": 2}}}, r"options of mcc among \['seed'\].*bins"),
        (*FINE, {"standardise": "yes"}, r'False, True or "both"'),
        (*FINE, {"bootstrap": 3}, r"at least 10 resamples.*bootstrap=3"),
        (*FINE, {"bootstrap": 10, "confidence": 2.0}, r"confidence=2.0"),
    ],
)
def test_bad_input_is_one_clear_error(codes, factors, options, message):
    with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
        score(codes, factors, **{"metrics": ["mcc"], **options})


def test_continuous_factors_where_they_make_sense():
    factors = FINE[0]
    found = score(factors, factors, ["mcc", "dci_lasso", "dci_es", "r2"])
    for name in ("mcc/strong", "dci_lasso/disentanglement", "dci_es/explicitness", "r2/linear"):
        assert found[name] == pytest.approx(1.0, abs=0.02)


def test_a_single_factor_and_a_single_latent():
    factors = np.arange(300).reshape(-1, 1) % 3
    names = [name for name in metric_names() if name not in ("factor_vae", "beta_vae")]
    own = [name for name in names if name.startswith(("infomec", "mcc", "mig_sup", "r2", "dci_"))]
    found = score(factors * 1.0, factors, own)
    for name, value in found.items():
        assert value == pytest.approx(1.0, abs=0.03), name
