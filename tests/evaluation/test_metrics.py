"""The parts of the metrics, each against another computation."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from tfdis.dlib.stack.importing import install
from tfdis.evaluation import arrays, importance, mcc, score
from tfdis.evaluation.bootstrap import half_sample_intervals
from tfdis.evaluation.information import normalised_information
from tfdis.evaluation.metrics.dci_es import explicitness
from tfdis.evaluation.metrics.mcc import _weak


@pytest.mark.parametrize("seed", range(3))
def test_disentanglement_and_completeness_are_dlibs(seed):
    install()
    from disentanglement_lib.evaluation.metrics import dci

    matrix = np.random.RandomState(seed).gamma(0.3, size=[6, 4])
    assert importance.disentanglement(matrix) == pytest.approx(
        dci.disentanglement(matrix), abs=1e-6
    )
    assert importance.completeness(matrix) == pytest.approx(dci.completeness(matrix), abs=1e-6)


def test_a_latent_without_importance_has_no_weight():
    assert importance.disentanglement(np.array([[1.0, 0], [0, 1], [0, 0]])) == 1.0
    assert importance.disentanglement(np.zeros([3, 2])) == 0.0
    assert importance.disentanglement(np.ones([3, 1])) == 1.0


@pytest.mark.parametrize(
    ("losses", "paper", "code"),
    [
        ([0.0, 0.0, 0.0, 0.0], 1.0, 1.0),
        ([1.0, 2 / 3, 1 / 3, 0.0], 0.0, 0.0),
        # Areas: 0.5 (0.8 - 0.2) in steps of 1; Z = 0.5 * 0.8 * 3 and 0.5 * 3.
        ([0.8, 0.2, 0.2, 0.2], 1 - 0.3 / 1.2, 1 - 0.3 / 1.5),
        # What a larger probe loses does not count: the running minimum is 0.8, 0.5, 0.2, 0.2.
        ([0.8, 0.5, 0.2, 0.6], 1 - (0.45 + 0.15) / 1.2, 1 - 0.6 / 1.5),
        ([0.5, 0.6, 0.7, 0.3], 1 - 0.5 / 1.05, 1 - 0.5 / 1.5),
        ([1.0, 1.0, 1.0, 1.0], 0.0, 1.0),
        ([1.0, 1.0, 1.0, 0.0], 1 - 2.5 / 1.5, 1 - 2.5 / 1.5),
    ],
)
def test_explicitness_of_curves(losses, paper, code):
    for scale in (1.0, 2.5):
        x = scale * np.arange(len(losses))
        assert explicitness(losses, x) == pytest.approx(paper)
        assert explicitness(losses, x, normaliser="code") == pytest.approx(code)


def test_explicitness_counts_the_axis_and_the_baseline():
    # Trapezoids of 0.2, 0.1, 0 above the lowest: 0.15 * 1 + 0.05 * 3; Z = (0.5 - 0.1) * 4 / 2.
    assert explicitness([0.3, 0.2, 0.1], [0, 1, 4], baseline=0.5) == pytest.approx(1 - 0.3 / 0.8)


def test_information_of_a_noisy_channel():
    # A binary symmetric channel with error 0.1 on exactly balanced bits: 1 - H(0.1) bits of 1.
    bits = np.repeat([0, 1], 500)
    received = bits ^ (np.arange(1000) % 10 == 0)
    expected = 1 + 0.1 * np.log2(0.1) + 0.9 * np.log2(0.9)
    for estimator in ("discrete", "histogram"):
        found = normalised_information(received[:, None], bits[:, None], estimator)
        assert found == pytest.approx(np.array([[expected]]))


def test_floats_of_quantised_codes_are_symbols():
    """Without scikit-learn's warning of continuous values, which is an error here."""
    random_state = np.random.RandomState(0)
    indices = random_state.randint(5, size=[300, 2])
    labels = (indices + random_state.randint(2, size=[300, 2])) // 2
    values = np.array([-0.51, -0.2, 0.013, 0.3, 0.49])[indices]
    found = normalised_information(values, labels, "discrete")
    np.testing.assert_array_equal(found, normalised_information(indices, labels, "discrete"))
    assert 0.1 < found[0, 0] < 1


def test_information_of_gaussians_by_nearest_neighbours():
    # Two unit Gaussians 2 apart: I = H(mixture) - H(Gaussian), by numerical integration.
    random_state = np.random.RandomState(0)
    labels = random_state.randint(2, size=[4000, 1])
    codes = 2.0 * labels + random_state.normal(size=[4000, 1])
    x = np.linspace(-8, 10, 20001)
    density = (np.exp(-(x**2) / 2) + np.exp(-((x - 2) ** 2) / 2)) / np.sqrt(8 * np.pi)
    entropy = -np.trapezoid(density * np.log(density), x)
    expected = (entropy - 0.5 * np.log(2 * np.pi * np.e)) / np.log(2)
    found = normalised_information(codes, labels, "ksg")
    assert found[0, 0] == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize(
    "options", [{"estimator": "magic"}, {"num_bins": 1}, {"neighbors": 0}], ids=str
)
def test_information_refuses(options):
    with pytest.raises(ValueError, match="Expected an estimator"):
        normalised_information(np.eye(4), np.eye(4, dtype=int), **options)


@pytest.mark.parametrize(
    "counts", [[[50, 50], [20, 80]], [[95, 5], [2, 8]], [[90, 6], [6, 8], [2, 30]]]
)
def test_infoe_weighs_the_values_of_a_factor_equally(counts):
    # counts[s][z]: with one symbol as input the regression can be any p(s|z); with values of equal
    # weight it is (counts of s, z over those of s), normalised over s.
    counts = np.array(counts)
    values, symbols = np.indices(counts.shape)
    factors, codes = (np.repeat(x.ravel(), counts.ravel()) for x in (values, symbols))
    balanced = counts / counts.sum(axis=1, keepdims=True)
    loss = -np.sum(counts * np.log(balanced / balanced.sum(axis=0))) / counts.sum()
    expected = 1 - loss / np.log(len(counts))
    found = score(codes, factors, ["infomec"])["infomec/infoe"]
    assert found == pytest.approx(expected, abs=1e-3)


def test_infoe_of_a_skewed_factor_is_not_the_share_of_information():
    """Regressions without class weights give I(s; z) / H(s), and .337 of this factor, 101 to 20."""
    factors, codes = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [85, 16, 3, 17], axis=0).T
    information = normalised_information(codes[:, None], factors[:, None])
    assert information.item() == pytest.approx(0.337, abs=5e-4)
    found = score(codes, factors, ["infomec"])["infomec/infoe"]
    assert found == pytest.approx(0.378, abs=5e-4)


def test_mcc_finds_the_best_assignment():
    random_state = np.random.RandomState(0)
    factors = random_state.normal(size=[2000, 2])
    # Greedy pairs the first latent with factor 0; the best sum pairs it with factor 1.
    codes = factors @ np.array([[0.8, 0.7], [0.6, 0.0]]) + 0.01 * random_state.normal(
        size=[2000, 2]
    )
    correlations = np.abs(np.corrcoef(factors.T, codes.T)[:2, 2:])
    expected = max(correlations[0, 0] + correlations[1, 1], correlations[0, 1] + correlations[1, 0])
    assert mcc(codes, factors)["strong"] == pytest.approx(expected / 2)
    ranks = np.abs(spearmanr(factors, codes).statistic[:2, 2:])
    expected = max(ranks[0, 0] + ranks[1, 1], ranks[0, 1] + ranks[1, 0]) / 2
    assert mcc(codes, factors)["strong_spearman"] == pytest.approx(expected)


def test_weak_mcc_is_the_canonical_correlation_on_new_samples():
    random_state = np.random.RandomState(0)
    factors = random_state.normal(size=[20000, 1])
    codes = factors @ [[1.0, -2.0]] + random_state.normal(size=[20000, 2])
    # The best combination w of codes s w + noise has correlation sqrt(|w|^2 / (1 + |w|^2)).
    rows = np.arange(10000), np.arange(10000, 20000)
    assert _weak(codes, factors, *rows) == pytest.approx(np.sqrt(5 / 6), abs=0.01)


def test_factors_without_a_partner_count_0():
    factors = np.random.RandomState(0).normal(size=[500, 4])
    found = mcc(factors[:, :1], factors)
    assert found["strong"] == pytest.approx(0.25)
    assert found["weak"] == pytest.approx(0.25)


def test_standardised_columns():
    values = np.random.RandomState(0).normal(3, 5, size=[100, 2])
    values = np.concatenate([values, np.full([100, 1], 0.1)], axis=1)
    found = arrays.standardise(values)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), [1, 1, 0], atol=1e-12)


@pytest.mark.long
def test_intervals_of_a_mean_cover_it_as_often_as_they_say():
    random_state = np.random.RandomState(0)
    covered = 0
    for _ in range(300):
        values = random_state.exponential(size=200)
        ((low, high),) = half_sample_intervals(
            lambda rows, values=values: {"mean": values[rows].mean()},
            {"mean": values.mean()},
            200,
            num_resamples=100,
            confidence=0.9,
        ).values()
        covered += low < 1.0 < high
    assert covered / 300 == pytest.approx(0.9, abs=0.05)
    width = 2 * 1.645 * values.std() / np.sqrt(200)
    assert high - low == pytest.approx(width, rel=0.35)
