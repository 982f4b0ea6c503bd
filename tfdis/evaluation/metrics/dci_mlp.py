"""DCI with multilayer perceptrons."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import permutation_importance
from sklearn.neural_network import MLPClassifier

from tfdis.evaluation.arrays import to_labels
from tfdis.evaluation.importance import predictor_scores
from tfdis.evaluation.metric import metric

_SHUFFLES = 3


@metric("dci_mlp")
def dci_mlp(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    num_hidden: int = 32,
    max_epochs: int = 100,
) -> dict[str, float]:
    """Disentanglement, completeness, informativeness with multilayer perceptrons as predictors.

    A network has no importances of its own, so R_jk is the accuracy for factor k that is lost when
    latent j is shuffled (Breiman's permutation importance), at least 0. Informativeness is the
    accuracy on samples that were not fitted.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values.
        seed: seed of weights and shuffles, and of the third of the samples that is tested on.
        num_hidden: number of units of the one hidden layer.
        max_epochs: largest number of epochs of the training.

    Returns:
        `disentanglement`, `completeness`, `informativeness`.

    References:
        Eastwood et al. (2023), "DCI-ES: An Extended Disentanglement Framework with Connections to
        Identifiability", ICLR. arXiv:2210.00364 (probes other than trees and lasso).
        Breiman (2001), "Random Forests", Machine Learning 45 (permutation importance).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return predictor_scores(
            codes,
            to_labels(factors, "dci_mlp"),
            seed,
            lambda: MLPClassifier(
                [num_hidden], max_iter=max_epochs, learning_rate_init=0.01, random_state=seed
            ),
            lambda network, inputs, target: (
                permutation_importance(
                    network, inputs, target, n_repeats=_SHUFFLES, random_state=seed
                ).importances_mean
            ),
            lambda network, inputs, target: network.score(inputs, target),
        )
