"""UDR on codes of known kinds, and against an independent computation of its formula."""

import numpy as np
import pytest
from scipy import stats

from tfdis.evaluation.udr import lasso_similarity, latent_kl, relative_strength, udr

# A full grid: independent codes, exactly.
GRID = np.stack(np.meshgrid(*[np.linspace(-1, 1, 5)] * 4), axis=-1).reshape(-1, 4)
ONES = np.ones(4)


def _rotation(seed):
    return stats.ortho_group.rvs(4, random_state=seed)


def _scores(codes, correlation, kl=None, **options):
    return udr(codes, kl or [np.ones(c.shape[1]) for c in codes], correlation, **options)


# The lasso's penalty of 0.1 takes a tenth of a weight of 1.
@pytest.mark.parametrize(("correlation", "best"), [("lasso", 0.9), ("spearman", 1.0)])
def test_the_same_factors_in_any_order_sign_and_scale_are_best(correlation, best):
    codes = [GRID, GRID[:, [2, 0, 3, 1]], -GRID, 7.0 * GRID[:, ::-1] + 3.0]
    result = _scores(codes, correlation)
    np.testing.assert_allclose(result["model_scores"], [best] * 4, rtol=1e-4)
    pairwise = np.array(result["pairwise_disentanglement_scores"])
    assert pairwise.shape == (4, 4, 1) and np.all(np.diag(pairwise[..., 0]) == 0)


@pytest.mark.parametrize(("correlation", "bound"), [("lasso", 0.5), ("spearman", 0.6)])
def test_rotations_are_worse_and_noise_is_worst(correlation, bound):
    rotated = _scores([GRID @ _rotation(seed) for seed in range(4)], correlation)
    noise = _scores(np.random.RandomState(0).normal(size=(4, *GRID.shape)), correlation)
    assert max(rotated["model_scores"]) < bound
    assert max(noise["model_scores"]) < 0.1 < min(rotated["model_scores"])


def test_models_that_agree_outrank_those_that_do_not():
    entangled = [GRID @ _rotation(seed) for seed in range(3)]
    alike = [GRID, -GRID, GRID[:, ::-1], GRID[:, [2, 0, 3, 1]]]
    scores = _scores([*alike, *entangled], "spearman")["model_scores"]
    assert min(scores[:4]) > 0.7 > 0.6 > max(scores[4:])


@pytest.mark.parametrize("correlation", ["lasso", "spearman"])
def test_latents_that_say_nothing_are_left_out(correlation):
    silent = 1e-4 * np.random.RandomState(0).normal(size=(len(GRID), 3))
    with_silent = np.concatenate([silent, GRID], axis=1)
    kl = [np.array([1e-3] * 3 + [1.0] * 4), ONES]
    plain = _scores([GRID, GRID], correlation)["model_scores"]
    masked = _scores([with_silent, GRID], correlation, kl)
    np.testing.assert_allclose(masked["model_scores"], plain, rtol=1e-6)
    unmasked = _scores([with_silent, GRID], correlation, kl, filter_low_kl=False)
    # Three of seven rows have no partner: the mean of 1 and 4/7 of the best.
    np.testing.assert_allclose(unmasked["model_scores"], np.array(plain) * 11 / 14, rtol=1e-6)
    assert np.shape(masked["raw_correlations"][0][1]) == (7, 4)


@pytest.mark.parametrize("correlation", ["lasso", "spearman"])
def test_collapsed_and_constant_models_score_zero(correlation):
    kl = [np.zeros(4), ONES, ONES]
    scores = _scores([GRID, np.full_like(GRID, 0.3), GRID], correlation, kl)["model_scores"]
    assert scores[0] == scores[1] == 0.0


def test_against_an_independent_computation():
    codes = np.random.RandomState(0).normal(size=(3, 40, 3))
    codes[1] += codes[0][:, [1, 2, 0]]
    result = _scores(codes, "spearman")
    for i in range(3):
        of_others = []
        for j in set(range(3)) - {i}:
            r = [[abs(stats.spearmanr(a, b)[0]) for b in codes[i].T] for a in codes[j].T]
            np.testing.assert_allclose(result["raw_correlations"][j][i], r, rtol=1e-9)
            columns = [max(c) ** 2 / sum(c) for c in zip(*r, strict=True)]
            rows = [max(c) ** 2 / sum(c) for c in r]
            # The paper's form: the sum over all latents of both by their number.
            of_others.append(sum(columns + rows) / len(columns + rows))
        np.testing.assert_allclose(result["model_scores"][i], np.median(of_others), rtol=1e-9)


def test_lasso_of_independent_codes_is_the_correlation_less_the_penalty():
    scaled = (GRID - GRID.mean(axis=0)) / GRID.std(axis=0)
    mixed = scaled @ np.array([[0.8], [0.6], [0.05], [0.0]])
    expected = np.array([[0.7], [0.5], [0.0], [0.0]])
    np.testing.assert_allclose(lasso_similarity(scaled, mixed), expected, atol=1e-3)


def test_relative_strength_and_kl_by_hand():
    assert relative_strength(np.array([[0.6, 0.2], [0.0, 0.0]])) == pytest.approx(
        (np.mean([0.6, 0.2]) + np.mean([0.36 / 0.8, 0.0])) / 2
    )
    assert relative_strength(np.zeros((3, 0))) == 0.0
    kl = latent_kl(np.array([[1.0], [3.0]]), np.log([[2.0], [0.5]]))
    np.testing.assert_allclose(kl, [(10 + 2.5 - 2) / 4])


@pytest.mark.parametrize(
    ("codes", "options", "message"),
    [
        ([GRID], {}, "two or more.*codes of 1"),
        ([GRID, GRID[:-1]], {}, r"model 1: shapes \(624, 4\)"),
        ([GRID, np.where(GRID > 0.9, np.nan, GRID)], {}, "NaN or infinity for model 1"),
        ([GRID, GRID], {"correlation_matrix": "pearson"}, "'lasso', 'spearman'.*'pearson'"),
    ],
)
def test_clear_errors(codes, options, message):
    with pytest.raises(ValueError, match=message):
        udr(codes, [ONES] * len(codes), **options)
