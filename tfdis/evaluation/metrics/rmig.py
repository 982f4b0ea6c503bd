"""RMIG: the mutual information gap of noisy codes."""

import numpy as np

from tfdis.dlib.scoring.metric_needs import Needs
from tfdis.evaluation.metric import metric
from tfdis.evaluation.quantised import NUM_BINS, QuantisedInformation


@metric("rmig", needs=Needs(num_latents=2))
def rmig(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    deviations: float | np.ndarray = 0.0,
    num_bins: int = NUM_BINS,
) -> dict[str, float]:
    """Mean gap between the two latents that know most about a factor, of posteriors q(z|x).

      RMIG = mean_k [I(z_i*; y_k) - max_{j != i*} I(z_j; y_k)] / H(y_k)

    Unlike MIG, it counts the posteriors' noise: I is that of a draw from N(code, deviations^2), in bins on
    [-4, 4], the range of codes under the prior N(0, I). Codes on another scale should be standardised
    first (`score(..., standardise=True)`).

    Args:
        codes: means of posteriors, `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: not used.
        deviations: standard deviations of the posteriors, a number or an array of the shape of the
            codes.
        num_bins: number of bins.

    Returns:
        `rmig`, between 0 and 1.

    References:
        Do and Tran (2020), "Theory and Evaluation Metrics for Learning Disentangled
        Representations", ICLR. arXiv:1908.09961.
    """
    found = QuantisedInformation(codes, factors, deviations, num_bins, "rmig")
    _, best, second = found.best_two()
    return {"rmig": float(np.mean((best - second) / found.of_factors))}
