"""Notes who fitted boosted trees: this room, or scikit-learn."""

import json
import os
from collections.abc import Sequence

import numpy as np
import sklearn
from sklearn.ensemble import GradientBoostingClassifier


def noting_fits(
    kind: type[GradientBoostingClassifier], fitted_here: list[bool]
) -> type[GradientBoostingClassifier]:
    """The class, whose `fit` also appends to a list whether this room fitted the trees."""

    class Noting(kind):
        def fit(self, x: np.ndarray, y: np.ndarray, **options) -> GradientBoostingClassifier:
            """Fits and notes."""
            super().fit(x, y, **options)
            fitted_here.append(getattr(self, "fitted_here_", False))
            return self

    return Noting


def write_fitted_by(folder: str, fitted_here: Sequence[bool]) -> None:
    """Writes `results/json/boosted_trees.json` of an evaluation, if it fitted boosted trees.

    Args:
        folder: path of the evaluation's folder.
        fitted_here: for each model, whether this room fitted it.
    """
    if not fitted_here:
        return
    found = {
        "num_fitted_by_tfdis": sum(fitted_here),
        "num_fitted_by_scikit_learn": len(fitted_here) - sum(fitted_here),
        "scikit_learn_version": sklearn.__version__,
    }
    path = os.path.join(folder, "results", "json", "boosted_trees.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2)
