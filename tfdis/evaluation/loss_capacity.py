"""Loss-capacity curves: how well probes of growing capacity predict each factor from the codes."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor

from tfdis.evaluation.probes import ForestProbe, FourierProbe, NetworkProbe

# A probe knows about a factor if its loss is below a constant's by this many standard errors.
_NUM_ERRORS = 3


@dataclasses.dataclass(frozen=True)
class Target:
    """A factor in the form in which probes predict it.

    Attributes:
        values: numbers `[num_samples]`, scaled so that the variance is 1 if each value is equally
            frequent; or the integers 0, 1, ... of categories.
        is_categorical: whether the values are categories.
        baseline: loss of the best constant if each value is equally frequent.
        num_outputs: number of outputs of a predictor: 1, or the number of categories.
    """

    values: np.ndarray
    is_categorical: bool
    baseline: float
    num_outputs: int = 1

    @classmethod
    def of(cls, column: np.ndarray, is_categorical: bool) -> "Target":
        """Makes the target that a column of factors is."""
        grid, ranks = np.unique(column, return_inverse=True)
        if is_categorical:
            return cls(ranks, True, 1 - 1 / len(grid), len(grid))
        return cls((column - grid.mean()) / grid.std(), False, 1.0)

    def losses(self, predicted: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """For each row the squared error, whose mean is 1 - R2, or for categories 1 for an error and 0 else."""
        target = self.values[rows]
        return np.square(predicted - target) if not self.is_categorical else predicted != target


def loss_capacity_curves(
    probe: FourierProbe | ForestProbe | NetworkProbe,
    capacities: Sequence[int],
    inputs: np.ndarray,
    targets: Sequence[Target],
    rows: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, list[BaseEstimator]]:
    """Losses of the probes on the tested rows, and the predictors of the best probe.

    Losses above the baseline count as the baseline. So does a whole curve if no probe is better
    than the best constant of the tested rows by three standard errors, since what such probes know
    is chance. (A constant of the fitted rows is worse than chance on the others, which lack the
    value that is frequent there.)

    Args:
        probe: the kind of probe.
        capacities: capacities of the probes, ascending.
        inputs: codes `[num_samples, num_latents]`.
        targets: the factors.
        rows: rows to fit on, and rows to test on.

    Returns:
        Losses `[num_probes, num_factors]`, and for each factor the predictor of the probe with the
        lowest mean loss.
    """
    baselines = np.array([target.baseline for target in targets])
    constants = [DummyClassifier() if t.is_categorical else DummyRegressor() for t in targets]
    constant_losses = _fit_and_test(constants, inputs, targets, (rows[1], rows[1]))
    curves, best, lowest = [], None, np.inf
    is_known = np.zeros(len(targets), bool)
    for capacity in capacities:
        predictors = [probe.build(capacity, t.is_categorical, len(rows[0])) for t in targets]
        losses = _fit_and_test(predictors, inputs, targets, rows)
        gain = constant_losses - losses
        is_known |= gain.mean(axis=1) > _NUM_ERRORS * gain.std(axis=1) / np.sqrt(len(rows[1]))
        curves.append(np.minimum(losses.mean(axis=1), baselines))
        if best is None or curves[-1].mean() < lowest:
            best, lowest = predictors, curves[-1].mean()
    return np.where(is_known, curves, baselines), best


def _fit_and_test(predictors, inputs, targets, rows):
    """Losses `[num_factors, num_tested]`."""
    fitted, tested = rows
    losses = []
    for predictor, target in zip(predictors, targets, strict=True):
        predictor.fit(inputs[fitted], target.values[fitted])
        losses.append(target.losses(predictor.predict(inputs[tested]), tested))
    return np.array(losses, np.float64)
