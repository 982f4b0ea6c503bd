"""DCIMIG (3CharM): the information that single latents have on single factors alone."""

import numpy as np

from tfdis.evaluation.arrays import to_labels
from tfdis.evaluation.information import entropies, mutual_information
from tfdis.evaluation.metric import metric


@metric("dcimig")
def dcimig(
    codes: np.ndarray, factors: np.ndarray, seed: int = 0, num_bins: int = 10
) -> dict[str, float]:
    """Share of the factors' entropy that latents of one factor each carry.

      gap_j  = I(z_j; y_k(j)) - max_{k != k(j)} I(z_j; y_k),  k(j) the factor for which I is largest
      DCIMIG = sum_k max_{j: k(j) = k} gap_j / sum_k H(y_k)

    A factor that no latent has for its own counts 0.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: not used.
        num_bins: number of bins of equal width of each latent's range.

    Returns:
        `dcimig`, between 0 and 1.

    References:
        Sepliarskaia et al. (2019), "How to Not Measure Disentanglement". arXiv:1910.05587.
        Zaidi et al. (2020), "Measuring Disentanglement: A Review of Metrics". arXiv:2012.09276
        (bins).
    """
    labels = to_labels(factors, "dcimig")
    information = mutual_information(codes, labels, "histogram", num_bins=num_bins)
    ordered = np.sort(information, axis=0)
    gaps = ordered[-1] - (ordered[-2] if len(ordered) > 1 else 0.0)
    best = np.zeros(len(information))
    np.maximum.at(best, information.argmax(axis=0), gaps)
    return {"dcimig": float(best.sum() / entropies(labels).sum())}
