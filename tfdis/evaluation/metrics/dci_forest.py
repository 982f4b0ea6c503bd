"""DCI with random forests."""

import numpy as np

from tfdis.evaluation.arrays import to_labels
from tfdis.evaluation.forests import ForestClassifier
from tfdis.evaluation.importance import predictor_scores
from tfdis.evaluation.metric import metric


@metric("dci_forest")
def dci_forest(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    num_trees: int = 50,
    max_depth: int | None = None,
) -> dict[str, float]:
    """Disentanglement, completeness, informativeness with random forests as predictors.

    R_jk is the fraction of impurity that latent j removes in the forest for factor k;
    informativeness is the accuracy on samples that were not fitted, as in disentanglement_lib's
    `dci`, which has boosted trees instead and takes much longer.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: seed of the forests, and of the third of the samples that is tested on.
        num_trees: number of trees in a forest.
        max_depth: largest depth of a tree; None lets it grow.

    Returns:
        `disentanglement`, `completeness`, `informativeness`.

    References:
        Eastwood and Williams (2018), "A Framework for the Quantitative Evaluation of Disentangled
        Representations", ICLR (section 4 has random forests).
    """
    return predictor_scores(
        codes,
        to_labels(factors, "dci_forest"),
        seed,
        # Every split may use any latent: with fewer to choose from, useless ones get importance too.
        lambda: ForestClassifier(
            num_trees, max_depth=max_depth, max_features=None, random_state=seed, n_jobs=-1
        ),
        lambda forest, inputs, target: forest.feature_importances_,
        lambda forest, inputs, target: forest.score(inputs, target),
    )
