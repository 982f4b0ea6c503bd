"""Every metric on codes whose scores theory knows."""

import math

import numpy as np
import pytest

from tfdis.evaluation import score

# Metric -> the scores of one factor in one latent, all 1 for identity.
DISENTANGLEMENT = {
    "infomec": ("infom", "infoc"),
    "mig_sup": ("mig_sup",),
    "modularity_compactness": (
        *("modularity_ratio", "modularity_gap", "compactness_ratio", "compactness_gap"),
    ),
    "dci_forest": ("disentanglement", "completeness"),
    "dci_lasso": ("disentanglement", "completeness"),
    "dci_mlp": ("disentanglement", "completeness"),
    "dci_es": ("disentanglement", "completeness"),
    "med": ("med", "completeness", "top_k_med", "top_k_completeness"),
    "rmig": ("rmig",),
    "dcimig": ("dcimig",),
}
# Metric -> the scores of what is in the codes, in whatever form: all 1 for identity and rotated.
CONTENT = {
    "infomec": ("infoe",),
    "mcc": ("weak",),
    "r2": ("linear",),
    "dci_forest": ("informativeness",),
    "dci_lasso": ("informativeness",),
    "dci_es": ("informativeness", "explicitness"),
}
OPTIONS = {
    "infomec": {"estimator": "histogram"},
    "modularity_compactness": {"estimator": "histogram"},
    "r2": {"num_trees": 10},
    "dci_forest": {"num_trees": 10},
    "dci_mlp": {"max_epochs": 60},
    "dci_es": {"capacities": (16, 64)},
}
METRICS = sorted({*DISENTANGLEMENT, *CONTENT, "mcc", "jemmig", "omes"})


@pytest.fixture(scope="module")
def scores(codes, factors):
    """All scores by kind of code."""
    return {
        kind: score(values, factors, METRICS, options={k: OPTIONS[k] for k in OPTIONS})
        for kind, values in codes.items()
    }


def each(table):
    return [f"{metric}/{part}" for metric, parts in table.items() for part in parts]


@pytest.mark.long
@pytest.mark.parametrize("name", [*each(DISENTANGLEMENT), *each(CONTENT), "mcc/strong"])
@pytest.mark.parametrize("kind", ["identity", "permuted"])
def test_codes_that_are_the_factors_score_1(scores, kind, name):
    assert scores[kind][name] == pytest.approx(1.0, abs=0.02)


@pytest.mark.long
@pytest.mark.parametrize("name", [*each(DISENTANGLEMENT), "mcc/strong", "mcc/strong_spearman"])
def test_rotation_lowers_what_asks_for_single_latents(scores, name):
    assert scores["rotated"][name] < 0.75


@pytest.mark.long
@pytest.mark.parametrize("name", each(CONTENT))
def test_rotation_keeps_what_asks_for_the_content(scores, name):
    assert scores["rotated"][name] == pytest.approx(1.0, abs=0.02)


@pytest.mark.long
def test_every_score_of_constant_codes_is_0(scores):
    # JEMMIG of constant codes is that of copies; see below.
    others = {"dci_es/size", "jemmig/jemmig", "jemmig/nats"}
    found = {name: value for name, value in scores["constant"].items() if name not in others}
    chance = {"dci_forest/informativeness", "dci_mlp/informativeness"}
    assert {name for name, value in found.items() if value != 0} <= chance
    # Accuracy of a guess: the mean of at most 1/3, 1/4, 1/5, and the luck of the tested third.
    for name in chance:
        assert 0 < found[name] < 0.3


@pytest.mark.long
@pytest.mark.parametrize("name", [*each(CONTENT), "mcc/strong", "infomec/infom"])
def test_noise_scores_low(scores, name):
    assert scores["noise"][name] < {"dci_forest/informativeness": 0.4}.get(name, 0.2)


@pytest.mark.long
def test_nothing_is_nan_and_all_lies_in_its_range(scores):
    for found in scores.values():
        for name, value in found.items():
            assert math.isfinite(value), name
            if not name.endswith(("num_active", "nats")):
                assert (-1 if name == "dci_es/explicitness" else 0) <= value <= 1, name


@pytest.mark.long
def test_two_latents_a_factor_cost_compactness_only(scores):
    found = scores["duplicated"]
    # Of 6 latents 2 share a factor equally: (1/2 - 1/6) / (1 - 1/6) = 0.4, 1 - log 2 / log 6 = 0.613.
    assert found["infomec/infoc"] == pytest.approx(0.4, abs=0.01)
    expected = 1 - math.log(2) / math.log(6)
    assert found["dci_forest/completeness"] == pytest.approx(expected, abs=0.03)
    assert found["dci_forest/disentanglement"] == pytest.approx(1.0, abs=0.02)
    for name in ("infomec/infom", "mig_sup/mig_sup", "mcc/strong", "mcc/weak"):
        assert found[name] == pytest.approx(1.0, abs=0.02)
    # Shares of information are exact: both latents of a factor know all of it.
    assert found["med/completeness"] == pytest.approx(expected, abs=1e-6)
    assert found["modularity_compactness/compactness_ratio"] == pytest.approx(0.4)
    # The second latent knows as much as the first.
    assert found["modularity_compactness/compactness_gap"] == pytest.approx(0.0, abs=1e-9)
    assert found["rmig/rmig"] == pytest.approx(0.0, abs=1e-9)
    # One latent of each factor is enough for those that keep or ask for the best.
    of_one = ("med/top_k_med", "med/top_k_completeness", "dcimig/dcimig", "med/med")
    of_latents = ("modularity_ratio", "modularity_gap")
    for name in (*of_one, *(f"modularity_compactness/{part}" for part in of_latents)):
        assert found[name] == pytest.approx(1.0, abs=1e-6), name
    assert found["infomec/num_active"] == found["modularity_compactness/num_active"] == 6
    assert found["dci_es/size"] == 0.5


@pytest.mark.long
def test_jemmig_and_omes_of_every_kind(scores):
    for kind in ("identity", "permuted"):
        assert scores[kind]["jemmig/jemmig"] == pytest.approx(1.0, abs=1e-6)
        # Correlations of 600 drawn pairs are not quite 0.
        assert scores[kind]["omes/omes"] == pytest.approx(1.0, abs=0.07)
    rotated, constant = scores["rotated"], scores["constant"]
    assert rotated["jemmig/jemmig"] < 0.8 and rotated["omes/omes"] < 0.8
    # A copy costs the gap, H(y), of the range H(y) + log 200; what says nothing has JEMMIG = H(y) as well.
    expected = np.mean([1 - h / (h + math.log(200)) for h in np.log([3, 4, 5])])
    assert scores["duplicated"]["jemmig/jemmig"] == pytest.approx(expected)
    assert constant["jemmig/jemmig"] == pytest.approx(expected)


@pytest.mark.long
def test_scores_of_rotated_codes_are_those_of_the_formulas(scores, codes, factors):
    # Correlations are the rotation's entries, 2/3 at best; what a permutation costs are their squares:
    # 4, 4, 1 of 9 in each row, of small probes, which are nearly linear.
    assert scores["rotated"]["mcc/strong"] == pytest.approx(2 / 3, abs=0.005)
    shares = np.array([4, 4, 1]) / 9
    expected = 1 + np.sum(shares * np.log(shares)) / math.log(3)
    small = {"dci_es": {"capacities": (16, 32)}}
    found = score(codes["rotated"], factors, ["dci_es"], options=small)
    assert found["dci_es/disentanglement"] == pytest.approx(expected, abs=0.005)


def test_forests_of_duplicated_codes_give_what_dci_forest_gives(codes, factors):
    options = {"dci_es": {"probe": "forest", "capacities": (1, 4, 8), "num_trees": 10}}
    found = score(codes["duplicated"], factors, ["dci_es"], options=options)
    expected = 1 - math.log(2) / math.log(6)
    assert found["dci_es/completeness"] == pytest.approx(expected, abs=0.03)
    assert found["dci_es/disentanglement"] == pytest.approx(1.0, abs=0.02)
    assert found["dci_es/informativeness"] == pytest.approx(1.0, abs=0.02)
    assert found["dci_es/explicitness"] < 1.0


@pytest.mark.long
def test_categories_are_predicted_as_such(codes, factors):
    options = {"dci_es": {**OPTIONS["dci_es"], "categorical": (0,)}}
    found = score(codes["identity"], factors, ["dci_es"], options=options)
    for name in ("disentanglement", "completeness", "informativeness"):
        assert found[f"dci_es/{name}"] == pytest.approx(1.0, abs=0.02)
    with pytest.raises(ValueError, match="categorical columns from 0 to 2"):
        score(codes["identity"], factors, ["dci_es"], options={"dci_es": {"categorical": (3,)}})


@pytest.mark.parametrize("name", ["infom", "infoc", "infoe"])
def test_infomec_of_continuous_codes_by_nearest_neighbours(codes, factors, name):
    noisy = codes["identity"] + 0.05 * np.random.RandomState(1).normal(size=factors.shape)
    assert score(noisy, factors, ["infomec"])[f"infomec/{name}"] > 0.93


def test_infomec_takes_integer_codes_as_symbols(factors):
    # A permutation of values that no line follows, and a latent without a meaning.
    symbols = np.array([2, 0, 4, 1, 3])[factors]
    found = score(symbols, factors, ["infomec"])
    assert found["infomec/infom"] == pytest.approx(1.0, abs=1e-9)
    assert found["infomec/infoc"] == pytest.approx(1.0, abs=1e-9)
    assert found["infomec/infoe"] > 0.97


def test_unused_latents_do_not_count(codes, factors):
    unused = 0.001 * codes["noise"]
    wide = np.concatenate([codes["identity"], unused], axis=1)
    found = score(wide, factors, ["infomec", "mig_sup"], options={"infomec": OPTIONS["infomec"]})
    assert found["infomec/num_active"] == found["mig_sup/num_active"] == 3
    assert found["infomec/infom"] == pytest.approx(1.0, abs=1e-9)
    assert found["mig_sup/mig_sup"] == pytest.approx(1.0, abs=1e-9)


def test_two_factors_in_one_latent_cost_modularity_and_mig_sup(factors):
    joint = factors[:, :1] * 4.0 + factors[:, 1:2]
    codes = np.concatenate([joint, 2.0 * factors[:, 2:]], axis=1)
    found = score(codes, factors, ["infomec", "mig_sup"], options={"infomec": OPTIONS["infomec"]})
    # The first latent knows both: shares 1/2, 1/2, 0. The second is clean. Both halves of the mean.
    assert found["mig_sup/mig_sup"] == pytest.approx(0.5, abs=1e-9)
    assert found["infomec/infom"] == pytest.approx(((0.5 + 1) / 2 - 1 / 3) / (2 / 3), abs=1e-9)
    assert found["infomec/infoc"] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.long
def test_a_bend_costs_linear_and_explicitness_only(factors):
    centred = factors - factors.mean(axis=0)
    bent = np.sign(centred) * np.abs(centred) ** 3
    folded = np.stack([bent[:, 0], bent[:, 1], np.cos(2.5 * factors[:, 2])], axis=1)
    found = score(folded, factors, ["r2", "dci_es"], options={"r2": {"num_trees": 10}})
    assert found["r2/linear/factor_2"] < 0.5
    assert found["r2/nonlinear/factor_2"] > 0.9
    assert found["dci_es/explicitness"] < 0.95
