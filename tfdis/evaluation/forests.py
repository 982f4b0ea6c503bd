"""Random forests whose predictions are the same to the last bit, however many threads fit them.

scikit-learn adds up the trees' votes in the order in which threads end.
"""

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor


class _VotesInOrder:
    """Predicts in one thread."""

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Predictions for inputs `[num, num_features]`."""
        num_threads, self.n_jobs = self.n_jobs, 1
        try:
            return super().predict(inputs)
        finally:
            self.n_jobs = num_threads


class ForestClassifier(_VotesInOrder, RandomForestClassifier):
    """scikit-learn's random forest of classification trees."""


class ForestRegressor(_VotesInOrder, RandomForestRegressor):
    """scikit-learn's random forest of regression trees."""
