"""DCI-ES: DCI with explicitness, from loss-capacity curves, and size."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import Ridge

from tfdis.evaluation.arrays import split_rows, standardise
from tfdis.evaluation.importance import completeness, disentanglement
from tfdis.evaluation.registry import metric

# A curve is at its lowest loss where it is this close to it: less is noise of the sample.
_TOLERANCE = 0.005


@metric("dci_es", min_samples=50)
def dci_es(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    capacities: Sequence[int] = (0, 8, 32, 128, 512),
    penalty: float = 1e-3,
) -> dict[str, float]:
    """Disentanglement, completeness, informativeness, explicitness and size.

    A probe of capacity kappa is a ridge regression on the codes and kappa random Fourier features of
    them: kappa = 0 is linear. Its loss is the mean squared error on samples that were not fitted, over
    the factor's variance, so that the best constant has l^b = 1. For each factor, with l* the lowest
    loss, first reached at the probe t*, and t counting the T probes:

      E = 1 - AULCC / Z,  AULCC = sum_{t=2}^{t*} ((l_{t-1} + l_t) / 2 - l*),  Z = (l^b - l*) (T - 1) / 2

    E = 1: the simplest probe is as good as any; E = 0: the loss falls in a straight line; it may be
    negative. E is the mean over the factors; one that no probe knows anything about counts 0. I = 1 -
    l*. D and C are of the importances |weight| of the linear probe. S = num_factors / num_latents.

    Args:
      codes: `[num_samples, num_latents]`.
      factors: `[num_samples, num_factors]`; values count as numbers, also continuous ones.
      seed: of the random features and of the third of the samples that is tested on.
      capacities: of the probes, ascending.
      penalty: of the ridge regression, for each fitted sample.

    Returns:
      `disentanglement`, `completeness`, `informativeness`, `explicitness`, `size`.

    Raises:
      ValueError: if the capacities do not ascend, or are fewer than two.

    References:
      Eastwood, Nicolicioiu, von Kugelgen, Kekic, Trauble, Dittadi, Scholkopf, DCI-ES: An Extended
      Disentanglement Framework with Connections to Identifiability, 2023, arXiv:2210.00364.
    """
    capacities = list(capacities)
    if len(capacities) < 2 or capacities[0] < 0 or np.any(np.diff(capacities) <= 0):
        raise ValueError(
            f"Expected two or more ascending capacities of at least 0. Received: {capacities}."
        )
    inputs, targets = standardise(codes), standardise(factors)
    rows = split_rows(len(codes), seed)
    features = _fourier_features(inputs, capacities[-1], seed)
    losses = []
    for capacity in capacities:
        losses.append(_losses(inputs, features[:, :capacity], targets, rows, penalty))
    importance = np.abs(np.atleast_2d(_fit(inputs, targets, rows[0], penalty).coef_)).T
    importance = np.where(importance > 0.01 * importance.max(initial=0.0), importance, 0.0)
    losses = np.minimum(losses, 1.0)
    return {
        "disentanglement": disentanglement(importance),
        "completeness": completeness(importance),
        "informativeness": float(np.mean(1.0 - losses.min(axis=0))),
        "explicitness": float(np.mean([explicitness(curve) for curve in losses.T])),
        "size": factors.shape[1] / codes.shape[1],
    }


def explicitness(losses: Sequence[float], baseline: float = 1.0) -> float:
    """E = 1 - AULCC / Z of one loss-capacity curve; 0 if no probe is better than the baseline.

    Args:
      losses: of the probes, capacity ascending.
      baseline: loss of the best constant.

    Example:
      >>> explicitness([0.0, 0.0, 0.0]), explicitness([1.0, 0.5, 0.0]), explicitness([1.0, 1.0, 0.0])
      (1.0, 0.0, -0.5)
    """
    losses = np.asarray(losses, np.float64)
    lowest = losses.min()
    if baseline - lowest <= _TOLERANCE:
        return 0.0
    first = int(np.argmax(losses <= lowest + _TOLERANCE * baseline))
    area = np.trapezoid(losses[: first + 1] - lowest)
    return float(1.0 - area / (0.5 * (baseline - lowest) * (len(losses) - 1)))


def _fourier_features(inputs, number, seed):
    """Random features of a Gaussian kernel whose width is that of the inputs (Rahimi & Recht 2007)."""
    random_state = np.random.RandomState(seed)
    used = max(1, int(np.sum(np.ptp(inputs, axis=0) > 0)))
    directions = random_state.normal(size=[inputs.shape[1], number]) / np.sqrt(used)
    phases = random_state.uniform(0, 2 * np.pi, size=number)
    return np.sqrt(2) * np.cos(inputs @ directions + phases)


def _fit(inputs, targets, rows, penalty):
    model = Ridge(alpha=penalty * len(rows))
    return model.fit(inputs[rows], targets[rows].reshape(len(rows), -1))


def _losses(inputs, features, targets, rows, penalty):
    """Mean squared error of each factor on the tested rows, over its variance there."""
    fitted, tested = rows
    inputs = np.concatenate([inputs, features], axis=1)
    predicted = _fit(inputs, targets, fitted, penalty).predict(inputs[tested])
    errors = np.mean(np.square(predicted.reshape(len(tested), -1) - targets[tested]), axis=0)
    return errors / np.maximum(targets[tested].var(axis=0), 1e-12)
