"""The front door: names, options, intervals, disentanglement_lib's metrics, bad input."""

import re
import sys
from pathlib import Path

import gin
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from tfdis.dlib.scoring.metric_functions import metric_function
from tfdis.dlib.scoring.trees import choice
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import metric_names, score
from tfdis.evaluation.arrays import first_components


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


@pytest.mark.long
def test_dci_has_scikit_learns_trees_from_the_class_that_sorts_once(codes, factors, monkeypatch):
    rows = slice(None, None, 4)
    asked = []

    def scikit_learns():
        asked.append("class")
        return GradientBoostingClassifier

    found = score(codes["rotated"][rows], factors[rows], ["dci"])
    monkeypatch.setattr(choice, "boosted_trees_class", scikit_learns)
    assert score(codes["rotated"][rows], factors[rows], ["dci"]) == found
    assert asked == ["class"]


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
    assert len(names) == len(set(names)) == 23


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
        (FINE[0][None], FINE[1], {}, r"as many rows.*\(1, 100\)"),
        (FINE[0][None, None], FINE[1], {}, r"num_units, unit_dim\].*shape \(1, 1, 100, 3\)"),
        (FINE[0][:0], FINE[1][:0], {}, r"at least 2 samples. Received: 0"),
        (FINE[0][:0, :, None], FINE[1][:0], {}, r"at least 2 samples. Received: 0"),
        (
            FINE[0],
            FINE[1][..., None],
            {},
            r"factors as numbers of shape \[num_samples, num_columns\]\. ",
        ),
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


@pytest.mark.long
def test_continuous_factors_where_they_make_sense():
    factors = FINE[0]
    found = score(factors, factors, ["mcc", "dci_lasso", "dci_es", "r2"])
    for name in ("mcc/strong", "dci_lasso/disentanglement", "dci_es/explicitness", "r2/linear"):
        assert found[name] == pytest.approx(1.0, abs=0.02)


@pytest.mark.long
def test_a_single_factor_and_a_single_latent():
    factors = np.arange(300).reshape(-1, 1) % 3
    names = [name for name in metric_names() if name not in ("factor_vae", "beta_vae")]
    own = [name for name in names if name.startswith(("infomec", "mcc", "mig_sup", "r2", "dci_"))]
    found = score(factors * 1.0, factors, own)
    for name, value in found.items():
        assert value == pytest.approx(1.0, abs=0.03), name


NEEDS = {
    "a full grid": {"beta_vae", "factor_vae"},
    "samples that differ in one factor": {"beta_vae", "factor_vae", "omes"},
    "discrete factors": set(metric_names())
    - {"dci_es", "dci_lasso", "mcc", "r2", "unsupervised", "windin"},
    "two latents": {"dci", "jemmig", "mig", "rmig", "sap", "unsupervised"},
    "two factors": {"beta_vae", "dci", "modularity_explicitness"},
    "latents that vary": {"modularity_explicitness", "unsupervised"},
}


def _without(need, codes, factors):
    """Codes and factors that have all but one of what metrics need."""
    grid = np.arange(len(codes)) % 60
    if need == "a full grid":
        return codes[grid > 3], factors[grid > 3]
    if need == "samples that differ in one factor":
        # Two factors tell the third.
        kept = (factors[:, 0] + factors[:, 1]) % 5 == factors[:, 2]
        return codes[kept], factors[kept]
    if need == "discrete factors":
        return codes, factors + np.random.RandomState(0).normal(size=factors.shape)
    if need == "two latents":
        return codes[:, :1], factors
    if need == "two factors":
        return codes, factors[:, :1]
    return np.where([1, 1, 0], codes, 0.5), factors


@pytest.mark.long
@pytest.mark.parametrize("need", NEEDS)
def test_what_a_metric_needs_and_does_not_find_it_says(codes, factors, need, monkeypatch):
    left_out = {}
    monkeypatch.setattr(
        "absl.logging.warning", lambda text, name, reason: left_out.setdefault(name, reason)
    )
    # Those whose fits take long need what the others of their family need.
    names = sorted(set(metric_names()) - {"dci_es", "dci_mlp", "infomec"})
    noisy, factors = (codes["rotated"] + 0.1 * codes["noise"])[:240], factors[:240]
    few = {"num_train": 40, "num_eval": 20, "batch_size": 8}
    options = {"beta_vae": few, "factor_vae": few}
    options |= {"windin": {"num_samples": 50}, "r2": {"num_trees": 5}}
    options["dci_forest"] = {"num_trees": 5}
    found = score(*_without(need, noisy, factors), names, options=options)
    assert set(left_out) == NEEDS[need] & set(names)
    assert {name.partition("/")[0] for name in found} == set(names) - NEEDS[need]
    if need == "a full grid":
        assert "60 of 3 x 4 x 5 values. Received: 56" in left_out["beta_vae"]


def test_the_docs_say_what_metrics_need():
    text = (Path(__file__).resolve().parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
    rows = text.partition("| needed | by |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    for row, (need, expected) in zip(rows, NEEDS.items(), strict=True):
        names = set(re.findall("`(.*?)`", row))
        assert expected == (set(metric_names()) - names if "all but" in row else names), need


def test_all_with_intervals_is_all_that_a_part_of_the_samples_can_have(monkeypatch):
    names = []

    def compute(function, *_):
        names.append(function.name)
        return 1.0

    monkeypatch.setattr(sys.modules["tfdis.evaluation.score"], "_compute", compute)
    score(*FINE, "all", bootstrap=10)
    assert set(names) == set(metric_names()) - {"beta_vae", "factor_vae", "omes"}


def test_vectors_are_scored_by_their_first_principal_components():
    from sklearn.decomposition import PCA

    random_state = np.random.RandomState(1)
    vectors = random_state.normal(size=[100, 3, 5]) * [9, 1, 1, 1, 1] + 4
    vectors = np.einsum("nud,ude->nue", vectors, random_state.normal(size=[3, 5, 5]))
    expected = np.stack([PCA(1).fit_transform(vectors[:, unit])[:, 0] for unit in range(3)], axis=1)
    found = first_components(vectors)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    assert score(vectors, FINE[1], ["mcc", "mig"]) == score(found, FINE[1], ["mcc", "mig"])
    # A unit of one number is that number; one that is constant is 0.
    single = vectors[:, :, :1]
    np.testing.assert_allclose(first_components(single), (single - single.mean(axis=0))[:, :, 0])
    assert not first_components(np.full([4, 1, 2], 7.0)).any()


def test_data_frames_belong_together_by_their_index():
    codes, factors = pd.DataFrame(FINE[0]), pd.DataFrame(FINE[1], columns=list("xyz"))
    expected = score(*FINE, ["mcc"])
    assert score(codes, factors, ["mcc"]) == expected
    assert score(codes, FINE[1].tolist(), ["mcc"]) == expected
    assert score(codes.iloc[5:], factors.iloc[5:], ["mcc"]).keys() == expected.keys()
    with pytest.raises(
        ValueError, match=r"same index.*row 0 is 99 in codes and 0 in factors.*\.loc"
    ):
        score(codes.iloc[::-1], factors, ["mcc"])
    numbers = codes.set_axis(np.arange(100) + 5)
    with pytest.raises(ValueError, match=r"row 0 is 5 in codes and 0 in factors"):
        score(numbers, factors, ["mcc"])
    with pytest.raises(ValueError, match=r"same index.*100 rows of codes and 90 of factors"):
        score(codes, factors.iloc[:90], ["mcc"])
