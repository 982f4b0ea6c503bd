"""R2: the fraction of each factor's variance that linear and nonlinear regressions explain."""

import numpy as np
from sklearn.linear_model import Ridge

from tfdis.evaluation.arrays import split_rows, standardise
from tfdis.evaluation.forests import ForestRegressor
from tfdis.evaluation.metric import metric


@metric("r2")
def r2(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    nonlinear: bool = True,
    num_trees: int = 50,
) -> dict[str, float]:
    """Coefficient of determination, 1 - MSE / variance, on samples that were not fitted.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`; values count as numbers, also continuous ones.
        seed: seed of the forests, and of the third of the samples that is tested on.
        nonlinear: whether to fit the nonlinear regressions too, which takes most of the time.
        num_trees: number of trees in a forest, which is the nonlinear regression.

    Returns:
        `linear` and `nonlinear`, means over the factors, and both for each factor:
        `linear/factor_0`, ...; values below 0, which are worse than the mean, count as 0.

    References:
        Eastwood and Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
        Representations", ICLR (section 3: the linear regressor, with its squared error as 1 - R2,
        and random forests).
        Breiman (2001), "Random Forests", Machine Learning 45.
    """
    fitted, tested = split_rows(len(codes), seed)
    inputs, targets = standardise(codes), standardise(factors)
    kinds = {"linear": lambda: Ridge(alpha=1e-6)}
    if nonlinear:
        kinds["nonlinear"] = lambda: ForestRegressor(
            num_trees, min_samples_leaf=2, random_state=seed, n_jobs=-1
        )
    scores = {}
    for kind, build in kinds.items():
        each = [
            determination(
                target[tested], build().fit(inputs[fitted], target[fitted]).predict(inputs[tested])
            )
            for target in targets.T
        ]
        scores[kind] = float(np.mean(each))
        scores |= {f"{kind}/factor_{index}": value for index, value in enumerate(each)}
    return scores


def determination(target: np.ndarray, predicted: np.ndarray) -> float:
    """1 - MSE / variance, at least 0; 0 if the target does not vary."""
    variance = target.var()
    if variance == 0:
        return 0.0
    return float(max(0.0, 1.0 - np.mean(np.square(target - predicted)) / variance))
