"""MCC: the mean correlation coefficient of identifiability, strong and weak."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from tfdis.evaluation.arrays import split_rows, standardise
from tfdis.evaluation.metric import metric


@metric("mcc")
def mcc(codes: np.ndarray, factors: np.ndarray, seed: int = 0) -> dict[str, float]:
    """Mean correlation of each factor with the latent assigned to it.

    The strong coefficient takes the one-to-one assignment pi that maximises sum_i |corr(s_i,
    z_pi(i))| (Hungarian method), divided by the number of factors. The weak one takes canonical
    variates instead, so that it holds up to a linear map of codes and of factors, fitted on one
    half of the samples and measured on the other. If there are fewer latents than factors, factors
    without a partner count 0.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`; values count as numbers, also continuous ones.
        seed: seed of the halves.

    Returns:
        `strong` (Pearson), `strong_spearman` and `weak`, between 0 and 1.

    References:
        Khemakhem et al. (2020), "Variational Autoencoders and Nonlinear ICA: A Unifying Framework",
        AISTATS. arXiv:1907.04809.
        Khemakhem et al. (2020), "ICE-BeeM: Identifiable Conditional Energy-Based Deep Models Based
        on Nonlinear ICA", NeurIPS. arXiv:2002.11537.
    """
    fitted, tested = split_rows(len(codes), seed, test_share=0.5)
    return {
        "strong": _matched(codes, factors),
        "strong_spearman": _matched(rankdata(codes, axis=0), rankdata(factors, axis=0)),
        "weak": _weak(codes, factors, fitted, tested),
    }


def _correlations(codes, factors):
    """|Pearson correlation| of every factor with every latent; 0 for constant latents."""
    return np.abs(standardise(factors).T @ standardise(codes)) / len(codes)


def _matched(codes, factors):
    correlations = _correlations(codes, factors)
    assigned = linear_sum_assignment(correlations, maximize=True)
    return float(min(correlations[assigned].sum() / factors.shape[1], 1.0))


def _weak(codes, factors, fitted, tested):
    codes, factors = (
        v - v[fitted].mean(axis=0) for v in (standardise(codes), standardise(factors))
    )
    whiten_codes, whiten_factors = _whitening(codes[fitted]), _whitening(factors[fitted])
    cross = (codes[fitted] @ whiten_codes).T @ (factors[fitted] @ whiten_factors)
    left, _, right = np.linalg.svd(cross, full_matrices=False)
    of_codes = standardise(codes[tested] @ whiten_codes @ left)
    of_factors = standardise(factors[tested] @ whiten_factors @ right.T)
    correlations = np.abs(np.mean(of_codes * of_factors, axis=0))
    return float(min(correlations.sum() / factors.shape[1], 1.0))


def _whitening(values):
    """Linear map of centred columns to uncorrelated ones; directions without variance are left out."""
    _, scale, directions = np.linalg.svd(values, full_matrices=False)
    kept = scale > 1e-6 * max(scale.max(initial=0.0), 1e-300)
    if not scale.any():
        return np.zeros([values.shape[1], 0])
    return directions[kept].T / scale[kept]
