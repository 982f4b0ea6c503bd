"""Mutual information of single latents with single factors, normalised by the factor's entropy."""

import numpy as np
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from tfdis.evaluation.arrays import standardise

ESTIMATORS = ("auto", "ksg", "histogram", "discrete")


def entropies(labels: np.ndarray) -> np.ndarray:
    """Entropy of every factor, `[num_factors]`, in nats.

    Args:
        labels: integers `[num_samples, num_factors]`.

    Example:
        >>> entropies(np.array([[0, 5], [1, 5]])).round(4).tolist()
        [0.6931, 0.0]
    """
    return np.array([mutual_info_score(column, column) for column in labels.T])


def normalised_information(
    codes: np.ndarray,
    labels: np.ndarray,
    estimator: str = "auto",
    neighbors: int = 10,
    num_bins: int = 20,
    seed: int = 0,
) -> np.ndarray:
    """I(s_i; z_j) / H(s_i) of every factor i and latent j; the arguments are `mutual_information`'s.

    Returns:
        float64 `[num_factors, num_latents]`, at least 0; constant latents have 0.

    Raises:
        ValueError: as for `mutual_information`.
    """
    found = mutual_information(codes, labels, estimator, neighbors, num_bins, seed)
    return found / entropies(labels)[:, None]


def concentration(information: np.ndarray) -> float:
    """Mean over rows of the largest share of a row, so that equal shares give 0 and a single one 1.

    Args:
        information: `[num_rows, num_columns]`, at least 0.

    Returns:
        Between 0 and 1. A row of zeros counts as equal shares; a single column gives 1, or 0 if it
        is zero; no rows or columns give 0.

    Example:
        >>> concentration(np.eye(3)), concentration(np.array([[2.0, 1.0, 1.0]]))
        (1.0, 0.25)
    """
    rows, columns = information.shape
    if rows == 0 or columns == 0:
        return 0.0
    if columns == 1:
        return float(information.any())
    totals = information.sum(axis=1)
    shares = information.max(axis=1) / np.where(totals > 0, totals, 1.0)
    shares = np.where(totals > 0, shares, 1 / columns)
    return float((shares.mean() - 1 / columns) / (1 - 1 / columns))


def mean_gap(information: np.ndarray) -> float:
    """Mean over rows of how far the largest value is above the second largest, which may be absent.

    Args:
        information: `[num_rows, num_columns]`, at least 0.

    Returns:
        The mean gap; 0 without rows or columns.

    Example:
        >>> mean_gap(np.array([[0.5, 0.0, 0.25]])), mean_gap(np.array([[0.5]]))
        (0.25, 0.5)
    """
    if 0 in information.shape:
        return 0.0
    ordered = np.sort(information, axis=1)
    second = ordered[:, -2] if ordered.shape[1] > 1 else 0.0
    return float(np.mean(ordered[:, -1] - second))


def mutual_information(
    codes: np.ndarray,
    labels: np.ndarray,
    estimator: str = "auto",
    neighbors: int = 10,
    num_bins: int = 20,
    seed: int = 0,
) -> np.ndarray:
    """I(s_i; z_j) of every factor i and latent j, in nats.

    Args:
        codes: `[num_samples, num_latents]`.
        labels: integers `[num_samples, num_factors]`.
        estimator: "ksg" for nearest neighbours, for continuous latents (Kraskov et al. 2004 in the
            form of Ross 2014 for discrete factors); "histogram" for `num_bins` bins of equal width;
            "discrete" for taking every value of a latent as a symbol; "auto" for "discrete" with
            integer codes and "ksg" otherwise.
        neighbors: number of nearest neighbours for "ksg".
        num_bins: number of bins for "histogram".
        seed: seed of the tiny noise with which "ksg" separates equal codes.

    Returns:
        float64 `[num_factors, num_latents]`, at least 0; constant latents have 0.

    Raises:
        ValueError: an unknown estimator, or too few bins or neighbours.
    """
    if estimator not in ESTIMATORS or neighbors < 1 or num_bins < 2:
        raise ValueError(
            f"Expected an estimator of {ESTIMATORS}, at least 1 neighbour and 2 bins. Received: "
            f"{estimator!r}, {neighbors}, {num_bins}."
        )
    if estimator == "auto":
        estimator = "discrete" if codes.dtype.kind == "i" else "ksg"
    information = np.zeros([labels.shape[1], codes.shape[1]])
    varying = np.ptp(codes, axis=0) > 0
    if not varying.any():
        return information
    used = codes[:, varying]
    if estimator == "ksg":
        found = _ksg(used, labels, neighbors, seed)
    else:
        symbols = _symbols(used) if estimator == "discrete" else _bins(used, num_bins)
        found = [[mutual_info_score(column, z) for z in symbols.T] for column in labels.T]
    information[:, varying] = found
    return np.maximum(information, 0.0)


def _ksg(codes, labels, neighbors, seed):
    scaled = standardise(codes)
    options = {"discrete_features": False, "n_neighbors": neighbors, "random_state": seed}
    return [mutual_info_classif(scaled, column, **options) for column in labels.T]


def _symbols(codes):
    """Integers for the values of each latent, which may be the floats of quantised codes."""
    return np.stack([np.unique(z, return_inverse=True)[1] for z in codes.T], axis=1)


def _bins(codes, num_bins):
    edges = (np.linspace(column.min(), column.max(), num_bins + 1)[1:-1] for column in codes.T)
    return np.stack([np.digitize(z, e) for z, e in zip(codes.T, edges, strict=True)], axis=1)
