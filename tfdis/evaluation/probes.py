"""Probes of growing capacity that predict factors from codes: for the loss-capacity curves of DCI-ES."""

import dataclasses
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tfdis.evaluation.forests import ForestClassifier, ForestRegressor

_NUM_PERMUTATIONS = 5


@dataclasses.dataclass(frozen=True)
class FourierProbe:
    """A linear model of random Fourier features; the capacity is the number of features.

    The features are cos(2 pi B z) and sin(2 pi B z), where the entries of B are normal. Numbers are
    predicted by ridge regression, categories by its classifier. The importance of a latent for a
    factor is what the prediction loses when the latent's values are permuted, as a fraction of the
    sum over the latents. Where latents repeat each other, permuting one gives codes that the probe
    has never seen, which lowers disentanglement; a forest does not suffer from that.

    Attributes:
        seed: seed of B and of the permutations; a probe has the features of the smaller ones, too.
        sigma: standard deviation of the entries of B.
        penalty: weight of the penalty on the squared weights, for each fitted sample.

    References:
        Rahimi and Recht (2007), "Random Features for Large-Scale Kernel Machines", NeurIPS.
        Breiman (2001), "Random Forests", Machine Learning 45 (section 10 has the importance by
        permutation).
    """

    seed: int
    sigma: float = 0.08
    penalty: float = 1e-3
    capacities: ClassVar = (16, 32, 64, 128, 256, 512, 1024)
    smallest: ClassVar = 2

    def position(self, capacity: int) -> float:
        """Position of the probe on the axis of capacities."""
        return float(np.log(capacity))

    def build(self, capacity: int, is_categorical: bool, num_fitted: int) -> BaseEstimator:
        """Makes a predictor of one factor, to be fitted to `num_fitted` samples."""
        alpha = self.penalty * num_fitted
        options = {"number": capacity, "sigma": self.sigma, "seed": self.seed}
        linear = RidgeClassifier(alpha) if is_categorical else Ridge(alpha)
        return make_pipeline(FunctionTransformer(_fourier_features, kw_args=options), linear)

    def importance(
        self, predictor: BaseEstimator, inputs: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        """Importance of each latent on samples that were not fitted, `[num_latents]`."""
        found = permutation_importance(
            predictor, inputs, target, n_repeats=_NUM_PERMUTATIONS, random_state=self.seed
        )
        lost = np.maximum(found.importances_mean, 0.0)
        return lost / lost.sum() if lost.any() else lost


@dataclasses.dataclass(frozen=True)
class ForestProbe:
    """A random forest; the capacity is the largest depth of its trees.

    The importance of a latent for a factor is the fraction of impurity that it removes.

    Attributes:
        seed: seed of the forests.
        num_trees: number of trees in each forest.
    """

    seed: int
    num_trees: int = 100
    capacities: ClassVar = (1, 2, 3, 4, 8, 10, 12, 14, 16, 18, 20, 32)
    smallest: ClassVar = 1

    def position(self, capacity: int) -> float:
        """Position of the probe on the axis of capacities."""
        return float(capacity)

    def build(self, capacity: int, is_categorical: bool, num_fitted: int) -> BaseEstimator:
        """Makes a predictor of one factor."""
        del num_fitted
        forest = ForestClassifier if is_categorical else ForestRegressor
        return forest(self.num_trees, max_depth=capacity, random_state=self.seed, n_jobs=-1)

    def importance(
        self, predictor: BaseEstimator, inputs: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        """Importance of each latent in the forest, `[num_latents]`."""
        del inputs, target
        return predictor.feature_importances_


def _fourier_features(inputs, number, sigma, seed):
    directions = np.random.RandomState(seed).normal(size=[number // 2, inputs.shape[1]])
    phases = 2 * np.pi * sigma * inputs @ directions.T
    return np.concatenate([np.cos(phases), np.sin(phases)], axis=1)
