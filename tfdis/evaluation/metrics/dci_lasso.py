"""DCI with lasso regressions."""

import numpy as np
from sklearn.linear_model import Lasso

from tfdis.evaluation.arrays import standardise
from tfdis.evaluation.importance import predictor_scores
from tfdis.evaluation.metric import metric
from tfdis.evaluation.metrics.r2 import determination


@metric("dci_lasso")
def dci_lasso(
    codes: np.ndarray, factors: np.ndarray, seed: int = 0, alpha: float = 0.02
) -> dict[str, float]:
    """Disentanglement, completeness, informativeness with lasso regressions as predictors.

    R_jk is |weight| of the standardised latent j in the regression of the standardised factor k;
    informativeness is R2 on samples that were not fitted, at least 0.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`; values count as numbers, also continuous ones.
        seed: seed that chooses the third of the samples that is tested on.
        alpha: weight of the L1 penalty, above 0; the penalty takes about alpha^2 from a perfect R2.

    Returns:
        `disentanglement`, `completeness`, `informativeness`.

    References:
        Eastwood and Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
        Representations", ICLR (section 4 has lasso).
    """
    return predictor_scores(
        codes,
        standardise(factors),
        seed,
        lambda: Lasso(alpha=alpha),
        lambda lasso, inputs, target: np.abs(lasso.coef_),
        lambda lasso, inputs, target: determination(target, lasso.predict(inputs)),
    )
