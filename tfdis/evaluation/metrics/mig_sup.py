"""MIG-sup: the mutual information gap seen from the latents."""

import numpy as np

from tfdis.evaluation.arrays import ACTIVE_RANGE, find_active, to_labels
from tfdis.evaluation.information import mean_gap, normalised_information
from tfdis.evaluation.metric import metric


@metric("mig_sup")
def mig_sup(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    estimator: str = "histogram",
    num_bins: int = 20,
    active_range: float = ACTIVE_RANGE,
) -> dict[str, float]:
    """Mean gap between the two factors that a latent knows most about.

      MIG-sup = mean_j [I_norm(z_j; v_k(j)) - max_{k != k(j)} I_norm(z_j; v_k)]

    with I_norm = I(z_j; v_k) / H(v_k) and k(j) the factor for which it is largest, over the active
    latents. MIG is low if several latents share a factor, MIG-sup if several factors share a
    latent.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: seed of the estimator "ksg".
        estimator: "histogram", "ksg", "discrete" or "auto"; see `normalised_information`.
        num_bins: number of bins for "histogram".
        active_range: smallest range of an active latent, as a fraction of the largest.

    Returns:
        `mig_sup`, between 0 and 1, and `num_active`.

    References:
        Li et al. (2020), "Progressive Learning and Disentanglement of Hierarchical
        Representations", ICLR. arXiv:2002.10549.
    """
    labels = to_labels(factors, "mig_sup")
    active = find_active(codes, active_range)
    if not active.any():
        return {"mig_sup": 0.0, "num_active": 0.0}
    information = normalised_information(
        codes[:, active], labels, estimator, num_bins=num_bins, seed=seed
    )
    return {"mig_sup": mean_gap(information.T), "num_active": float(active.sum())}
