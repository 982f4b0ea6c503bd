"""MED and top-k MED: DCI's formulas on mutual information, which is cheap for wide codes."""

import numpy as np

from tfdis.evaluation.arrays import to_labels
from tfdis.evaluation.importance import completeness, disentanglement
from tfdis.evaluation.information import mutual_information
from tfdis.evaluation.metric import metric


@metric("med")
def med(
    codes: np.ndarray, factors: np.ndarray, seed: int = 0, num_bins: int = 20, top_k: int = 1
) -> dict[str, float]:
    """DCI's disentanglement and completeness of R_jk = I(z_j; y_k) / sum_j I(z_j; y_k).

    Top-k MED looks at the best latents alone, so that it compares codes of different widths: in the
    order of their own disentanglement, each latent goes to the factor that it knows most about, at
    most k to a factor; the formulas are taken on the rows of R that are left.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: not used.
        num_bins: number of bins of equal width of each latent's range.
        top_k: largest number of latents of a factor in top-k MED, at least 1; later work of others
            takes 2.

    Returns:
        `med`, `completeness`, `top_k_med` and `top_k_completeness`, between 0 and 1.

    Raises:
        ValueError: top_k below 1.

    References:
        Cao et al. (2022), "An Empirical Study on Disentanglement of Negative-free Contrastive
        Learning", NeurIPS. arXiv:2206.04756.
    """
    if top_k < 1:
        raise ValueError(f"med: expected top_k of at least 1. Received: {top_k!r}.")
    information = mutual_information(
        codes, to_labels(factors, "med"), "histogram", num_bins=num_bins
    ).T
    totals = information.sum(axis=0)
    importance = information / np.where(totals > 0, totals, 1.0)
    best = importance[_top_latents(importance, top_k)]
    return {
        "med": disentanglement(importance),
        "completeness": completeness(importance),
        "top_k_med": disentanglement(best),
        "top_k_completeness": completeness(best),
    }


def _top_latents(importance, top_k):
    """Latents by their own disentanglement, at most `top_k` for each factor; those of no use are last."""
    own = np.array([disentanglement(row[None]) for row in importance])
    kept, taken = [], np.zeros(importance.shape[1], int)
    for latent in np.argsort(-own, kind="stable"):
        factor = importance[latent].argmax()
        if taken[factor] < top_k and importance[latent].any():
            kept.append(latent)
            taken[factor] += 1
    return kept
