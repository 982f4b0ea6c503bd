"""InfoMEC, MED, OMES, WINDIN and other gaps: by loops, in closed form, against numbers of the authors' code."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import norm

from tfdis.dlib import NotComputableError
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import score
from tfdis.evaluation.metrics.omes import association, scores_of
from tfdis.evaluation.quantised import quantise


@pytest.fixture(scope="module")
def mixed(codes, factors):
    """Codes of which no score is trivial: noisy mixtures, and a further latent of noise."""
    mixing = np.array([[1.0, 0.3, 0.0, 0.2], [0.0, 0.8, 0.4, 0.0], [0.1, 0.0, 0.9, 0.5]])
    noise = np.random.RandomState(3).normal(size=(len(factors), 4))
    return codes["identity"] @ mixing + 0.3 * noise


def _joint(column, factor, num_bins):
    """p(bin, value) by a loop over samples."""
    low, high = column.min(), column.max()
    bins = np.minimum(((column - low) / (high - low) * num_bins).astype(int), num_bins - 1)
    joint = np.zeros([num_bins, factor.max() + 1])
    for b, value in zip(bins, factor, strict=True):
        joint[b, value] += 1 / len(column)
    return joint


def _information(joint):
    expected = joint.sum(1, keepdims=True) @ joint.sum(0, keepdims=True)
    kept = joint > 0
    return np.sum(joint[kept] * np.log(joint[kept] / expected[kept]))


def _entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))


def test_med_is_dlibs_dci_on_shares_of_information(mixed, factors):
    install()
    from disentanglement_lib.evaluation.metrics import dci

    matrix = np.array([[_information(_joint(z, y, 20)) for y in factors.T] for z in mixed.T])
    matrix /= matrix.sum(axis=0)
    found = score(mixed, factors, ["med"], options={"med": {"top_k": 2}})
    assert found["med/med"] == pytest.approx(dci.disentanglement(matrix), abs=1e-6)
    assert found["med/completeness"] == pytest.approx(dci.completeness(matrix), abs=1e-6)
    # Four latents for three factors, of which none has more than two: all are kept.
    assert found["med/top_k_med"] == pytest.approx(found["med/med"])
    kept = {}
    for latent in np.argsort(-dci.disentanglement_per_code(matrix)):
        kept.setdefault(matrix[latent].argmax(), latent)
    rows = matrix[list(kept.values())]
    assert len(rows) == 3
    found = score(mixed, factors, ["med"])
    assert found["med/top_k_med"] == pytest.approx(dci.disentanglement(rows), abs=1e-6)
    assert found["med/top_k_completeness"] == pytest.approx(dci.completeness(rows), abs=1e-6)
    assert found["med/top_k_med"] != pytest.approx(found["med/med"], abs=1e-3)


def test_dcimig_by_loops(mixed, factors):
    best = np.zeros(3)
    for z in mixed.T:
        found = [_information(_joint(z, y, 10)) for y in factors.T]
        top = int(np.argmax(found))
        best[top] = max(best[top], found[top] - max(np.delete(found, top)))
    expected = best.sum() / np.log([3, 4, 5]).sum()
    assert score(mixed, factors, ["dcimig"])["dcimig/dcimig"] == pytest.approx(expected)


@pytest.fixture(scope="module")
def with_copy(mixed):
    """The fifth latent is a small copy of the first, and the sixth knows nothing."""
    alternating = np.where(np.arange(len(mixed)) < len(mixed) / 2, 0.0, 4.0)
    return np.column_stack([mixed, 0.01 * mixed[:, 0], alternating])


def test_modularity_and_compactness_are_those_of_the_authors_functions(with_copy, factors):
    # Hsu et al.'s disentangle/metrics/mutual_information.py (github.com/kylehkhsu/latent_quantization) with
    # 20 bins, numpy in place of JAX.
    expected = {
        "modularity_ratio": 0.6796688000060133,
        "modularity_gap": 0.36481424369585785,
        "compactness_ratio": 0.6023369897896291,
        "compactness_gap": 0.17856871875611113,
        "num_active": 5,
    }
    options = {"modularity_compactness": {"estimator": "histogram"}}
    found = score(with_copy, factors, ["modularity_compactness"], options=options)
    assert found == pytest.approx({f"modularity_compactness/{k}": v for k, v in expected.items()})


@pytest.mark.long
def test_infomec_of_symbols_is_that_of_the_authors_file(mixed, factors):
    # Hsu et al.'s disentangle/metrics/infomec.py. The third value of the first factor is rare, since InfoE
    # weighs values, and the last latent is constant.
    codes = np.column_stack([np.floor(2 * mixed), np.full(len(mixed), 3)]).astype(int)
    kept = (factors[:, 0] < 2) | (np.arange(len(factors)) % 5 == 0)
    expected = {
        "infom": 0.7158741074329903,
        "infoe": 0.8147354018278627,
        "infoc": 0.6237811939662213,
        "num_active": 4,
    }
    found = score(codes[kept], factors[kept], ["infomec"])
    assert found == pytest.approx({f"infomec/{k}": v for k, v in expected.items()}, abs=1e-4)


def test_modularity_and_compactness_by_loops(mixed, factors, with_copy):
    codes = with_copy
    nmi = np.array(
        [
            [_information(_joint(z, y, 20)) / _entropy(np.bincount(y) / len(y)) for y in factors.T]
            for z in codes.T
        ]
    )
    assert nmi[5].max() < 1e-12
    used = [0, 1, 2, 3, 5]
    shares = [max(nmi[j]) / sum(nmi[j]) for j in used[:-1]]
    gaps = [max(nmi[j]) - sorted(nmi[j])[-2] for j in used]
    columns = [nmi[used, i] for i in range(3)]
    of_factors = [max(c) / sum(c) for c in columns]
    expected = {
        "modularity_ratio": (np.mean(shares) - 1 / 3) / (1 - 1 / 3),
        "modularity_gap": np.mean(gaps),
        "compactness_ratio": (np.mean(of_factors) - 1 / 5) / (1 - 1 / 5),
        "compactness_gap": np.mean([sorted(c)[-1] - sorted(c)[-2] for c in nmi.T]),
        "num_active": 5,
    }
    options = {"modularity_compactness": {"estimator": "histogram"}}
    found = score(codes, factors, ["modularity_compactness"], options=options)
    for name, value in expected.items():
        assert found[f"modularity_compactness/{name}"] == pytest.approx(value, abs=1e-9), name
    # MIG does not leave out the copy.
    assert expected["compactness_gap"] < np.mean([sorted(c)[-1] - sorted(c)[-2] for c in columns])


def _quantised(mean, deviation, num_bins=200):
    """p(bin) of one sample."""
    centres = -4 + 8 * (np.arange(num_bins) + 0.5) / num_bins
    density = norm.pdf(centres, mean, deviation) if deviation else np.zeros(num_bins)
    if density.max() < 1e-5:
        density = np.zeros(num_bins)
        density[min(max(math.floor((mean + 4) / 8 * num_bins), 0), num_bins - 1)] = 1.0
    return density / density.sum()


@pytest.mark.long
@pytest.mark.parametrize("deviation", [0.0, 0.4])
def test_rmig_and_jemmig_by_loops(mixed, factors, deviation):
    rows = np.random.RandomState(1).permutation(len(mixed))[:60]
    z, y = mixed[rows], factors[rows]
    information, entropies = np.zeros([3, 4]), np.zeros(4)
    for j in range(4):
        bins = np.array([_quantised(m, deviation) for m in z[:, j]])
        entropies[j] = _entropy(bins.mean(0))
        for k in range(3):
            joint = np.stack([bins[y[:, k] == v].sum(0) / len(z) for v in range(y[:, k].max() + 1)])
            information[k, j] = _information(joint)
    gaps, nats, scores = [], [], []
    for k, row in enumerate(information):
        of_factor = _entropy(np.bincount(y[:, k]) / len(y))
        best, second = row.argmax(), np.sort(row)[-2]
        gaps.append((row[best] - second) / of_factor)
        nats.append(entropies[best] + of_factor - 2 * row[best] + second)
        scores.append(1 - nats[-1] / (of_factor + np.log(200)))
    options = {name: {"deviations": deviation} for name in ("rmig", "jemmig")}
    found = score(z, y, ["rmig", "jemmig"], options=options)
    assert found["rmig/rmig"] == pytest.approx(np.mean(gaps))
    assert found["jemmig/nats"] == pytest.approx(np.mean(nats))
    assert found["jemmig/jemmig"] == pytest.approx(np.mean(scores))


@pytest.mark.parametrize(
    ("deviation", "expected_rmig", "expected_jemmig"),
    [(0.4, 0.35817719, 0.7491626279453877), (0.0, 0.38905188, 0.663400040168803)],
)
def test_rmig_and_jemmig_are_those_of_the_authors_script(
    mixed, factors, deviation, expected_rmig, expected_jemmig
):
    # The lines of Do and Tran's 7a_interpretability_metrics_v2.py (github.com/clarken92/DisentanglementMetrics)
    # after the codes, with 200 bins: means over the factors of RMIG and of JEMMI, of which less is better.
    options = {name: {"deviations": deviation} for name in ("rmig", "jemmig")}
    found = score(mixed, factors, ["rmig", "jemmig"], options=options)
    assert found["rmig/rmig"] == pytest.approx(expected_rmig, abs=2e-6)
    assert 1 - found["jemmig/jemmig"] == pytest.approx(expected_jemmig, abs=2e-6)


def test_bins_of_narrow_wide_and_far_posteriors():
    bins = quantise(np.array([0.01, 0.01, 9.0]), np.array([0.0, 50.0, 0.1]), 10)
    np.testing.assert_allclose(bins.sum(axis=1), 1)
    assert bins[0].tolist() == np.eye(10)[5].tolist()
    np.testing.assert_allclose(bins[1], 0.1, atol=1e-3)
    assert bins[2].argmax() == 9


@pytest.mark.long
def test_windin_of_gaussians_is_the_closed_form():
    # Means of a Gaussian with this covariance: q(z) is Gaussian, too, and all entropies are known.
    covariance = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 4.0]])
    means = np.random.RandomState(0).multivariate_normal(np.zeros(3), covariance, size=3000)
    total = covariance + 0.5**2 * np.eye(3)

    def entropy(kept):
        return 0.5 * np.log(np.linalg.det(2 * np.pi * np.e * total[np.ix_(kept, kept)]))

    conditional = 0.5 * np.log(2 * np.pi * np.e * 0.25)
    information = np.array([entropy([i]) for i in range(3)]) - conditional
    alone = [entropy([0, 1, 2]) - entropy([j for j in range(3) if j != i]) for i in range(3)]
    expected = np.sum(information / information.sum() * (np.array(alone) - conditional))
    options = {"windin": {"deviations": 0.5, "num_samples": 1000, "num_posteriors": 3000}}
    found = score(means, np.arange(3000) % 2, ["windin"], options=options)
    assert found["windin/information"] == pytest.approx(information.mean(), abs=0.05)
    assert found["windin/wsepin"] == pytest.approx(expected, abs=0.05)
    assert found["windin/windin"] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("scale", "wsepin", "windin"), [(1.0, 0.8796773, 0.8796774), (500.0, -2.2873437, -3.806409)]
)
def test_windin_in_the_code_s_form_is_that_of_the_authors_function(scale, wsepin, windin):
    # Do and Tran's estimate_SEPIN_cupy (github.com/clarken92/DisentanglementMetrics), numpy in place of cupy,
    # with seed 7 and 200 samples. Wide codes have densities below its floor.
    random_state = np.random.RandomState(2)
    mixing = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 2.0]])
    means = scale * (random_state.normal(size=(64, 3)) @ mixing)
    deviations = scale * random_state.uniform(0.2, 0.6, size=(64, 3))
    options = {"deviations": deviations, "num_samples": 200, "form": "code"}
    labels = np.arange(64) % 2
    found = score(means, labels, ["windin"], options={"windin": options}, seed=7)
    assert found["windin/wsepin"] == pytest.approx(wsepin, abs=3e-6)
    assert found["windin/windin"] == pytest.approx(windin, abs=3e-6)
    assert found["windin/information"] == pytest.approx(1.285646, abs=3e-6)
    exact = score(
        means, labels, ["windin"], options={"windin": options | {"form": "exact"}}, seed=7
    )
    # Without the floor, the scale of the codes does not matter.
    assert exact["windin/wsepin"] == pytest.approx(0.866482185, abs=1e-6)


def test_posteriors_that_differ_in_their_deviations_alone_know_something():
    deviations = np.tile([[0.1, 1.0], [2.0, 1.0]], [50, 1])
    options = {"windin": {"deviations": deviations, "num_samples": 500}}
    found = score(np.zeros([100, 2]), np.arange(100) % 2, ["windin"], options=options)
    assert 0.1 < found["windin/windin"] <= np.log(2)


@pytest.mark.long
def test_windin_knows_separate_latents_from_copies(codes, factors):
    options = {"windin": {"deviations": 0.01, "num_samples": 500, "num_posteriors": 600}}
    found = {kind: score(c, factors, ["windin"], options=options) for kind, c in codes.items()}
    sizes = np.log([3, 4, 5])
    expected = np.sum(sizes**2) / sizes.sum()
    for kind in ("identity", "permuted"):
        assert found[kind]["windin/windin"] == pytest.approx(expected, abs=0.1)
        assert found[kind]["windin/wsepin"] == pytest.approx(expected, abs=0.1)
    for kind in ("duplicated", "rotated"):
        assert found[kind]["windin/windin"] < 0.5 * expected
    assert found["duplicated"]["windin/wsepin"] == pytest.approx(0.0, abs=0.1)
    assert set(found["constant"].values()) == {0.0}


def test_omes_of_a_matrix_by_loops():
    matrix = np.random.RandomState(0).uniform(size=(4, 3))
    for alpha, pooling in itertools.product((0.5, 0.2), ("average", "maximum")):
        parts = []
        for k in range(3):
            own = [1 - sum(abs((g == k) - row[g]) for g in range(3)) / 3 for row in matrix]
            column = matrix[:, k]
            other = [1 - sum(abs((i == j) - column[i]) for i in range(4)) / 4 for j in range(4)]
            pooled = [
                max(column * s) if pooling == "maximum" else sum(column**2 * s) / sum(column)
                for s in (np.array(own), np.array(other))
            ]
            parts.append(alpha * pooled[0] + (1 - alpha) * pooled[1])
        assert scores_of(matrix, alpha, pooling)["omes"] == pytest.approx(np.mean(parts))


def test_association_is_the_correlation_of_pairs():
    random_state = np.random.RandomState(0)
    x = random_state.normal(size=(500, 3))
    y = np.stack([x[:, 0], -0.5 * x[:, 1] + random_state.normal(size=500), np.ones(500)], axis=1)
    expected = 1 - abs(np.corrcoef(x[:, 1], y[:, 1])[0, 1])
    np.testing.assert_allclose(association([(x, y)])[:, 0], [0.0, expected, 0.0], atol=1e-12)


def test_omes_pairs_differ_in_one_factor_and_unused_latents_do_not_count(codes, factors):
    # A latent of a factor is still where that factor is, and free where it is drawn anew: A is the identity.
    wide = np.concatenate([codes["identity"], 0.01 * codes["noise"]], axis=1)
    found = score(wide, factors, ["omes"])
    assert found["omes/omes"] > 0.9
    # Copies: a factor moves two of six latents, of which one is too many: MES = 1 - 1/6.
    copies = score(codes["duplicated"], factors, ["omes"])
    assert copies["omes/multiple_encoding"] == pytest.approx(1 - 1 / 6, abs=0.07)
    assert copies["omes/overlap"] > 0.9
    with pytest.raises(NotComputableError, match="one factor alone"):
        score(np.eye(30), np.arange(30)[:, None] * [1, 1], ["omes"])


def test_omes_of_a_data_set_is_that_of_its_table(codes, factors):
    from tfdis.evaluation.metrics.omes import _omes_of_data
    from tfdis.evaluation.table_data import TableData

    data = TableData(codes["rotated"], factors)
    data.prepare_grid("omes")
    random_state = np.random.RandomState(0)
    of_data = _omes_of_data(data, data.represent, random_state, num_train=600)
    of_table = score(codes["rotated"], factors, ["omes"])
    for name, value in of_data.items():
        assert value == pytest.approx(of_table[f"omes/{name}"], abs=0.08), name


@pytest.mark.parametrize(
    "options",
    [
        {"med": {"top_k": 0}},
        {"omes": {"alpha": 2.0}},
        {"omes": {"pooling": "sum"}},
        {"windin": {"deviations": 0.0}},
        {"windin": {"deviations": np.ones(7)}},
        {"windin": {"num_samples": 0}},
        {"windin": {"form": "paper"}},
        {"rmig": {"deviations": -1.0}},
        {"jemmig": {"num_bins": 1}},
    ],
    ids=str,
)
def test_impossible_options_are_refused(codes, factors, options):
    with pytest.raises(ValueError, match="xpected .* Received"):
        score(codes["identity"], factors, [*options], options=options)
