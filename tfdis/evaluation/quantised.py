"""Posteriors in bins: the joint distribution of a latent's bin and a factor's value."""

import numpy as np
from scipy.stats import norm

from tfdis.dlib.scoring.metric_needs import NotComputableError
from tfdis.evaluation.arrays import to_labels
from tfdis.evaluation.information import entropies

NUM_BINS, BOUND = 200, 4.0
# A posterior that has less density than this at every bin's centre counts as a point.
_LEAST_DENSITY = 1e-5


def check_deviations(deviations: float | np.ndarray, codes: np.ndarray, least: float) -> np.ndarray:
    """Standard deviations of posteriors as an array of the shape of the codes.

    Args:
        deviations: a number, or one for each latent, or for each code.
        codes: `[num_samples, num_latents]`.
        least: smallest deviation that is allowed.

    Raises:
        ValueError: another shape, or a deviation that is smaller or not finite.
    """
    given = np.asarray(deviations, np.float64)
    try:
        array = np.broadcast_to(given, codes.shape)
    except ValueError:
        array = None
    if array is None or not np.isfinite(array).all() or array.min() < least:
        raise ValueError(
            f"Expected deviations of at least {least:g}: a number, or an array of shape {codes.shape}. "
            f"Received: shape {given.shape}{'' if array is None else f', smallest {given.min():g}'}."
        )
    return array


def quantise(mean: np.ndarray, deviation: np.ndarray, num_bins: int = NUM_BINS) -> np.ndarray:
    """Probabilities of the bins of one latent, equal ones on [-4, 4], for every sample.

    The mass of a bin is proportional to the density N(mean, deviation^2) at its centre. Where that
    is below 1e-5 in all bins, as of a code without noise, the bin of the mean has all of it.

    Args:
        mean: `[num_samples]`; what is beyond the bounds counts as the bin next to them.
        deviation: `[num_samples]`, 0 or more.
        num_bins: number of bins.

    Returns:
        `[num_samples, num_bins]`, whose rows sum to 1.
    """
    edges = np.linspace(-BOUND, BOUND, num_bins + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    scale = np.maximum(deviation, 1e-12)[:, None]
    density = norm.pdf(centres, mean[:, None], scale)
    is_point = density.max(axis=1) < _LEAST_DENSITY
    own = np.clip(np.digitize(mean, edges) - 1, 0, num_bins - 1)
    density[is_point] = np.eye(num_bins)[own[is_point]]
    return density / density.sum(axis=1, keepdims=True)


class QuantisedInformation:
    """Entropies and mutual information of quantised latents and factors, in nats.

    Args:
        codes: means of the posteriors, `[num_samples, num_latents]`.
        factors: discrete values `[num_samples, num_factors]`.
        deviations: standard deviations of the posteriors; see `check_deviations`.
        num_bins: number of bins on [-4, 4].
        what: name of the metric, for messages.

    Attributes:
        information: I(z_j; y_k), `[num_factors, num_latents]`.
        of_latents: H(z_j), `[num_latents]`.
        of_factors: H(y_k), `[num_factors]`.
    """

    def __init__(
        self,
        codes: np.ndarray,
        factors: np.ndarray,
        deviations: float | np.ndarray,
        num_bins: int,
        what: str,
    ):
        if num_bins < 2:
            raise ValueError(f"{what}: expected num_bins of at least 2. Received: {num_bins}.")
        if codes.shape[1] < 2:
            raise NotComputableError(f"Expected at least 2 latents. Received: {codes.shape[1]}.")
        labels = to_labels(factors, what)
        widths = check_deviations(deviations, codes, 0.0)
        values = [np.eye(column.max() + 1)[column] / len(column) for column in labels.T]
        self.of_factors = entropies(labels)
        self.of_latents = np.zeros(codes.shape[1])
        self.information = np.zeros([len(values), codes.shape[1]])
        for j, (mean, width) in enumerate(zip(codes.T, widths.T, strict=True)):
            bins = quantise(mean, width, num_bins)
            self.of_latents[j] = _entropy(bins.mean(axis=0))
            for k, value in enumerate(values):
                joint = _entropy(value.T @ bins)
                self.information[k, j] = self.of_latents[j] + self.of_factors[k] - joint
        self.information = np.maximum(self.information, 0.0)

    def best_two(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For every factor the latent that knows most of it, its information and the second's."""
        order = np.sort(self.information, axis=1)
        return self.information.argmax(axis=1), order[:, -1], order[:, -2]


def _entropy(probabilities):
    p = probabilities[probabilities > 0]
    return float(-np.sum(p * np.log(p)))
