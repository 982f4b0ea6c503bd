"""Modularity and compactness: how latents and factors share their mutual information."""

import numpy as np

from tfdis.evaluation.arrays import find_active, to_labels
from tfdis.evaluation.information import concentration, mean_gap, normalised_information
from tfdis.evaluation.metric import metric

_HEADINGS = {
    f"{side}_{form}": f"{side} {form}"
    for side in ("modularity", "compactness")
    for form in ("ratio", "gap")
}


@metric("modularity_compactness", headings=_HEADINGS)
def modularity_compactness(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    estimator: str = "auto",
    neighbors: int = 3,
    num_bins: int = 20,
    active_range: float = 0.125,
) -> dict[str, float]:
    """Whether each latent knows one factor (modularity), and one latent each factor (compactness).

    With NMI_ij = I(s_i; z_j) / H(s_i), n_s factors and n_z active latents:

      modularity_ratio  = (mean_j [max_i NMI_ij / sum_i NMI_ij] - 1 / n_s) / (1 - 1 / n_s)
      compactness_ratio = (mean_i [max_j NMI_ij / sum_j NMI_ij] - 1 / n_z) / (1 - 1 / n_z)
      modularity_gap    = mean_j [largest - second largest NMI_ij over i]
      compactness_gap   = mean_i [largest - second largest NMI_ij over j], over all latents

    where j runs over the active latents if nothing else is said, and in modularity_ratio over those
    that know anything. These are the four numbers that the training script of the authors of QLAE
    logs, with its settings. The two ratios are the InfoM and InfoC of their paper; their file for
    other users computes those with 10 neighbours and a smallest range of 1/20, as `infomec` does.
    The gaps are in the script alone. compactness_gap is MIG by another estimator, modularity_gap
    MIG-sup.

    Where the script divides by zero, a factor that no latent knows counts as chance, 1 / n_z, the
    only active latent makes compactness_ratio 1, and without any information all scores are 0.

    Args:
        codes: `[num_samples, num_latents]`; integers are discrete symbols (quantised latents),
            floats are continuous.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: seed of the estimator "ksg".
        estimator: "auto", "ksg", "histogram" or "discrete"; see `normalised_information`.
        neighbors: number of nearest neighbours for "ksg".
        num_bins: number of bins for "histogram", of which the script tries 10, 20 and 50.
        active_range: smallest range of an active latent, as a fraction of the largest.

    Returns:
        `modularity_ratio`, `modularity_gap`, `compactness_ratio` and `compactness_gap`, between 0
        and 1, and `num_active`.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """
    labels = to_labels(factors, "modularity_compactness")
    nmi = normalised_information(codes, labels, estimator, neighbors, num_bins, seed)
    active = find_active(codes, active_range)
    pruned = nmi[:, active]
    knowing = pruned[:, pruned.any(axis=0)]
    return {
        "modularity_ratio": concentration(knowing.T),
        "modularity_gap": mean_gap(pruned.T),
        "compactness_ratio": concentration(pruned),
        "compactness_gap": mean_gap(nmi),
        "num_active": float(active.sum()),
    }
