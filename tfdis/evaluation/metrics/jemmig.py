"""JEMMIG: the mutual information gap, less what else is in the latent."""

import numpy as np

from tfdis.dlib.scoring.metric_needs import Needs
from tfdis.evaluation.metric import metric
from tfdis.evaluation.quantised import NUM_BINS, QuantisedInformation


@metric("jemmig", needs=Needs(num_latents=2))
def jemmig(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    deviations: float | np.ndarray = 0.0,
    num_bins: int = NUM_BINS,
) -> dict[str, float]:
    """How nearly the best latent of a factor is that factor, and no other latent knows of it.

      JEMMIG_k = H(z_i*, y_k) - I(z_i*; y_k) + max_{j != i*} I(z_j; y_k)
      jemmig   = mean_k [1 - JEMMIG_k / (H(y_k) + log num_bins)]

    JEMMIG_k is 0 if z_i* and y_k tell each other and the others nothing. Draws z from N(code,
    deviations^2) are counted in bins on [-4, 4], the range of codes under the prior N(0, I). Codes on
    another scale should be standardised first (`score(..., standardise=True)`).

    Args:
        codes: means of posteriors, `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: not used.
        deviations: standard deviations of the posteriors, a number or an array of the shape of the
            codes.
        num_bins: number of bins.

    Returns:
        `jemmig`, between 0 and 1, higher is better; `nats`, the mean of JEMMIG_k, lower is better.

    References:
        Do and Tran (2020), "Theory and Evaluation Metrics for Learning Disentangled
        Representations", ICLR. arXiv:1908.09961.
    """
    found = QuantisedInformation(codes, factors, deviations, num_bins, "jemmig")
    latent, best, second = found.best_two()
    joint = found.of_latents[latent] + found.of_factors - best
    nats = joint - best + second
    scores = 1.0 - nats / (found.of_factors + np.log(num_bins))
    return {"jemmig": float(np.mean(scores)), "nats": float(np.mean(nats))}
