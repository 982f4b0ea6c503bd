"""DCI-ES: DCI with explicitness, from loss-capacity curves, and size."""

from collections.abc import Sequence

import numpy as np

from tfdis.dlib.scoring.metric_needs import NotComputableError
from tfdis.evaluation.arrays import split_rows, standardise
from tfdis.evaluation.importance import completeness, disentanglement
from tfdis.evaluation.loss_capacity import Target, loss_capacity_curves
from tfdis.evaluation.metric import metric
from tfdis.evaluation.probes import ForestProbe, FourierProbe, NetworkProbe

PROBES = ("fourier", "forest", "mlp")
NORMALISERS = ("paper", "code")


@metric("dci_es", min_samples=50)
def dci_es(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    probe: str = "fourier",
    capacities: Sequence[int] | None = None,
    categorical: Sequence[int] = (),
    normaliser: str = "paper",
    sigma: float = 0.08,
    penalty: float = 1e-3,
    num_trees: int = 100,
    num_epochs: int = 100,
    learning_rate: float = 1e-3,
) -> dict[str, float]:
    """Disentanglement, completeness, informativeness, explicitness and size.

    Probes of growing capacity predict each factor from the codes. The loss l_t of probe t on
    samples that were not fitted is 1 - R2, with the variance of a factor whose values are equally
    frequent, or the fraction of errors for a categorical factor. With the baseline l^b = 1, or
    (n - 1) / n for n categories, the axis of capacities x_t and the lowest loss l* (see
    `explicitness`):

      E = mean over the factors of 1 - area(min_{s <= t} l_s - l*, x) / Z

    I = 1 - mean l_t of the probe for which that is largest; D and C are those of its importances. S
    = num_factors / num_latents. Losses above l^b count as l^b. A factor about which no probe knows
    more than the best constant has the loss l^b throughout: it adds nothing to I
    (for categories chance, 1 / n), 0 to E (with "code" 1), and no latent is important for it.

    The authors fit by gradient descent on hundreds of thousands of samples, to codes that are not
    standardised, with up to 131,072 Fourier features, whose importances are SAGE's too, and networks
    of up to 3,603 units in a layer by AdamW with the learning rate 2e-4 (whose decay of weights is
    left out here), and keep a twentieth of the samples for validation.

    Args:
        codes: `[num_samples, num_latents]`; they are standardised before they are used.
        factors: `[num_samples, num_factors]`; values count as numbers, also continuous ones, except
            for those in `categorical`.
        seed: seed of the probes, and of the third of the samples that is tested on.
        probe: "fourier" for random Fourier features followed by a linear model, x = log(number of
            features), importances by permutation; "forest" for random forests, x = largest depth of
            a tree, importances by impurity; or "mlp" for networks of two hidden layers, x = log(number
            of parameters), importances by SAGE.
        capacities: numbers of features, depths, or units in a layer (0 for a linear model),
            ascending; None for 16 to 1024 features or 0 to 243 units (the authors have more), or for
            the authors' depths, 1 to 32.
        categorical: columns of `factors` whose values have no order. The authors have (0,) for
            dSprites, (0, 1, 4) for MPI3D and (2,) for Cars3D.
        normaliser: "paper" or "code"; see `explicitness`.
        sigma: standard deviation of the random directions of "fourier".
        penalty: weight of the penalty on squared weights of "fourier", for each fitted sample.
        num_trees: number of trees in a forest.
        num_epochs: number of epochs of the networks of "mlp".
        learning_rate: learning rate of these networks at the beginning.

    Returns:
        `disentanglement`, `completeness`, `informativeness`, `explicitness`, `size`.

    Raises:
        NotComputableError: too few samples, or only one category among the fitted ones.
        ValueError: an unknown probe or normaliser, capacities that do not ascend or are fewer than
            two, or columns that the factors do not have.

    References:
        Eastwood et al. (2023), "DCI-ES: An Extended Disentanglement Framework with Connections to
        Identifiability", ICLR. arXiv:2210.00364.
    """
    _check(probe, normaliser, categorical, factors.shape[1])
    build = {
        "fourier": lambda: FourierProbe(seed, sigma, penalty),
        "forest": lambda: ForestProbe(seed, num_trees),
        "mlp": lambda: NetworkProbe(seed, codes.shape[1], num_epochs, learning_rate),
    }
    probes = build[probe]()
    capacities = probes.capacities if capacities is None else list(capacities)
    _check_capacities(capacities, probes.smallest)
    inputs, rows = standardise(codes), split_rows(len(codes), seed)
    targets = [Target.of(column, index in categorical) for index, column in enumerate(factors.T)]
    _check_categories(targets, rows[0])
    losses, predictors = loss_capacity_curves(probes, capacities, inputs, targets, rows)
    importance = np.zeros([codes.shape[1], len(targets)])
    for index, (predictor, target) in enumerate(zip(predictors, targets, strict=True)):
        if losses[:, index].min() < target.baseline:
            tested = inputs[rows[1]], target.values[rows[1]]
            importance[:, index] = probes.importance(predictor, *tested)
    each = []
    for curve, target in zip(losses.T, targets, strict=True):
        x = [probes.position(capacity, target.num_outputs) for capacity in capacities]
        each.append(explicitness(curve, x, target.baseline, normaliser))
    return {
        "disentanglement": disentanglement(importance),
        "completeness": completeness(importance),
        "informativeness": float(1.0 - losses.mean(axis=1).min()),
        "explicitness": float(np.mean(each)),
        "size": factors.shape[1] / codes.shape[1],
    }


def explicitness(
    losses: Sequence[float],
    x: Sequence[float],
    baseline: float = 1.0,
    normaliser: str = "paper",
) -> float:
    """E = 1 - area / Z of one loss-capacity curve.

    With the running minimum m_t of the losses, its last value l* and the baseline l^b:

      area = trapezoid(m_t - l*, x_t),  Z = (l^b - l*) (x_T - x_1) / 2

    E = 1 if the simplest probe is as good as any; E = 0 if the loss falls in a straight line from
    the baseline; E = -1 if only the largest probe knows anything.

    Args:
        losses: losses of the probes, in the order of ascending capacity.
        x: capacities, on the scale of the axis.
        baseline: l^b, the loss of the best constant.
        normaliser: "paper"; or "code" for the authors' implementation, whose numbers they published
            and which has l* = 0 in Z, so that E is larger.

    Returns:
        E; with "paper", 0 if no loss is below the baseline.

    Example:
        >>> explicitness([0.5, 0.6, 0.7, 0.3], [0, 1, 2, 3]).__round__(3)
        0.524
        >>> explicitness([0.5, 0.6, 0.7, 0.3], [0, 1, 2, 3], normaliser="code").__round__(3)
        0.667
    """
    curve = np.minimum.accumulate(np.asarray(losses, np.float64))
    lowest = curve[-1]
    height = baseline if normaliser == "code" else baseline - lowest
    if height <= 0:
        return 0.0
    area = np.trapezoid(curve - lowest, x)
    return float(1.0 - 2.0 * area / (height * (x[-1] - x[0])))


def _check(probe, normaliser, categorical, num_factors):
    if probe not in PROBES or normaliser not in NORMALISERS:
        raise ValueError(
            f"Expected a probe of {PROBES} and a normaliser of {NORMALISERS}. Received: {probe!r}, "
            f"{normaliser!r}."
        )
    if not set(categorical) <= set(range(num_factors)):
        raise ValueError(
            f"Expected categorical columns from 0 to {num_factors - 1}. Received: {tuple(categorical)}."
        )


def _check_capacities(capacities, smallest):
    if len(capacities) < 2 or capacities[0] < smallest or np.any(np.diff(capacities) <= 0):
        raise ValueError(
            f"Expected two or more ascending capacities of at least {smallest}. Received: "
            f"{capacities}."
        )


def _check_categories(targets, fitted):
    for index, target in enumerate(targets):
        if target.is_categorical and np.ptp(target.values[fitted]) == 0:
            raise NotComputableError(
                "Expected at least two categories among the samples that are fitted. Received: one "
                f"in column {index} of factors."
            )
