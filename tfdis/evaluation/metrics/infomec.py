"""InfoMEC: modularity, explicitness and compactness, grounded in information theory."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import OneHotEncoder

from tfdis.evaluation.arrays import ACTIVE_RANGE, find_active, standardise, to_labels
from tfdis.evaluation.information import concentration, normalised_information
from tfdis.evaluation.metric import metric


@metric("infomec")
def infomec(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    estimator: str = "auto",
    neighbors: int = 10,
    num_bins: int = 20,
    active_range: float = ACTIVE_RANGE,
    max_iterations: int = 100,
) -> dict[str, float]:
    """InfoM, InfoE and InfoC of codes.

    With NMI_ij = I(s_i; z_j) / H(s_i), over the n_z active latents and the n_s factors:

      InfoM = (mean_j [max_i NMI_ij / sum_i NMI_ij] - 1 / n_s) / (1 - 1 / n_s)
      InfoC = (mean_i [max_j NMI_ij / sum_j NMI_ij] - 1 / n_z) / (1 - 1 / n_z)
      InfoE = mean_i [H_V(s_i) - H_V(s_i | z)] / H_V(s_i)

    where V are multinomial logistic regressions without penalty, fitted with class weights that
    make every value of a factor count equally ("balanced"), and H_V is their unweighted log loss on
    the same samples. Without codes the best such model predicts 1 / n for each of n values, so that
    H_V(s_i) = ln n, however rare some values are. Where a sum is 0, its largest term counts as
    chance. With one factor InfoM, and with one active latent InfoC, is 1 if there is any
    information, otherwise 0.

    Args:
        codes: `[num_samples, num_latents]`; integers are discrete symbols (quantised latents),
            floats are continuous.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: seed of the estimator "ksg".
        estimator: "auto", "ksg", "histogram" or "discrete"; see `normalised_information`.
        neighbors: number of nearest neighbours for "ksg".
        num_bins: number of bins for "histogram".
        active_range: smallest range of an active latent, as a fraction of the largest; discrete
            latents are active if they vary.
        max_iterations: largest number of iterations of the logistic regression.

    Returns:
        `infom`, `infoe`, `infoc` and `num_active`.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """
    labels = to_labels(factors, "infomec")
    options = (estimator, neighbors, num_bins, seed)
    nmi = normalised_information(codes, labels, *options)
    is_discrete = estimator == "discrete" or (estimator == "auto" and codes.dtype.kind == "i")
    active = find_active(codes, 0.0 if is_discrete else active_range)
    pruned = nmi[:, active]
    return {
        "infom": concentration(pruned.T),
        "infoe": _explicitness(codes, labels, is_discrete, max_iterations),
        "infoc": concentration(pruned),
        "num_active": float(active.sum()),
    }


def _explicitness(codes, labels, is_discrete, max_iterations):
    varying = codes[:, np.ptp(codes, axis=0) > 0]
    if varying.shape[1] == 0:
        return 0.0
    inputs = OneHotEncoder().fit_transform(varying) if is_discrete else standardise(varying)
    shares = []
    for column in labels.T:
        null_loss = np.log(len(np.unique(column)))
        model = LogisticRegression(C=np.inf, class_weight="balanced", max_iter=max_iterations)
        with warnings.catch_warnings():
            # Without penalty, separable classes have no finite optimum; the loss is near 0 by then.
            warnings.simplefilter("ignore", ConvergenceWarning)
            probabilities = model.fit(inputs, column).predict_proba(inputs)
        shares.append((null_loss - log_loss(column, probabilities)) / null_loss)
    return float(np.clip(np.mean(shares), 0.0, 1.0))
