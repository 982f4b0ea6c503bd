"""Disentanglement and completeness of a matrix of importances, as DCI defines them."""

from collections.abc import Callable

import numpy as np
from sklearn.base import BaseEstimator

from tfdis.evaluation.arrays import split_rows, standardise


def disentanglement(importance: np.ndarray) -> float:
    """D = sum_j rho_j (1 - H_K(P_j)): whether each latent matters for one factor only.

    P_jk = R_jk / sum_k R_jk, entropies to the base K of the number of factors, rho_j = sum_k R_jk /
    sum_jk R_jk. 0 if nothing matters; 1 if there is one factor and anything matters.

    Args:
        importance: R, at least 0, `[num_latents, num_factors]`.

    Example:
        >>> round(disentanglement(np.eye(3)), 6), round(disentanglement(np.ones([2, 3])), 6)
        (1.0, 0.0)
    """
    totals = importance.sum(axis=1)
    if totals.sum() == 0:
        return 0.0
    scores = 1.0 - _entropies(importance)
    return float(np.clip(np.sum(totals / totals.sum() * scores), 0.0, 1.0))


def completeness(importance: np.ndarray) -> float:
    """C: the same for the transposed matrix, whether each factor is in one latent only."""
    return disentanglement(importance.T)


def _entropies(importance):
    """Entropy of each row, taken as a distribution, to the base of the number of columns."""
    columns = importance.shape[1]
    if columns == 1:
        return np.zeros(len(importance))
    totals = importance.sum(axis=1, keepdims=True)
    shares = np.where(totals > 0, importance / np.where(totals > 0, totals, 1.0), 1 / columns)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return -np.sum(shares * logs, axis=1) / np.log(columns)


def predictor_scores(
    codes: np.ndarray,
    targets: np.ndarray,
    seed: int,
    build: Callable[[], BaseEstimator],
    importance_of: Callable,
    informativeness_of: Callable,
) -> dict[str, float]:
    """D, C and I of one kind of predictor, of which one is fitted for each factor.

    Args:
        codes: `[num_samples, num_latents]`; they are standardised before they are used.
        targets: `[num_samples, num_factors]`.
        seed: seed that chooses the third of the samples that is tested on.
        build: function that makes a predictor.
        importance_of: function from (predictor, codes, target) of the fitted part to importances
            `[num_latents]`.
        informativeness_of: function from (predictor, codes, target) of the tested part to a number,
            1 at best.

    Returns:
        `disentanglement`, `completeness` and `informativeness`.
    """
    fitted, tested = split_rows(len(codes), seed)
    inputs = standardise(codes)
    columns, informativeness = [], []
    for target in targets.T:
        predictor = build().fit(inputs[fitted], target[fitted])
        columns.append(np.maximum(importance_of(predictor, inputs[fitted], target[fitted]), 0.0))
        informativeness.append(informativeness_of(predictor, inputs[tested], target[tested]))
    importance = np.stack(columns, axis=1)
    return {
        "disentanglement": disentanglement(importance),
        "completeness": completeness(importance),
        "informativeness": float(np.mean(informativeness)),
    }
