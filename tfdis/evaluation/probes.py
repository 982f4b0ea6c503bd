"""Probes of growing capacity that predict factors from codes: for the loss-capacity curves of DCI-ES."""

import dataclasses
import warnings
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tfdis.evaluation.forests import ForestClassifier, ForestRegressor
from tfdis.evaluation.sage import sage_values

_NUM_PERMUTATIONS = 5
_NETWORK_BATCH = 128
# Shares of a network's training, and the factor of its learning rate in each.
_RATES = ((0.4, 1.0), (0.4, 0.1), (0.2, 0.01))


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

    def position(self, capacity: int, num_outputs: int = 1) -> float:
        """Position of the probe on the axis of capacities, the same for every number of outputs."""
        del num_outputs
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

    def position(self, capacity: int, num_outputs: int = 1) -> float:
        """Position of the probe on the axis of capacities, the same for every number of outputs."""
        del num_outputs
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


@dataclasses.dataclass(frozen=True)
class NetworkProbe:
    """A network of two hidden layers with relu; the capacity is the number of units in each.

    0 stands for a linear model. Adam on batches of 128; its learning rate falls to a tenth after 40
    and after 80 % of the epochs, where its moments start anew. The importance of a latent for a factor
    is its SAGE value as a fraction of the sum over the latents; values below 0 count as 0.

    Attributes:
        seed: seed of weights, batches and SAGE values.
        num_latents: number of latents.
        num_epochs: number of epochs.
        learning_rate: learning rate at the beginning.
    """

    seed: int
    num_latents: int
    num_epochs: int = 100
    learning_rate: float = 1e-3
    capacities: ClassVar = (0, 14, 28, 75, 243)
    smallest: ClassVar = 0

    def position(self, capacity: int, num_outputs: int = 1) -> float:
        """Position of the probe on the axis of capacities: the logarithm of its number of parameters."""
        hidden = capacity * (self.num_latents + 1 + capacity + 1)
        return float(np.log(hidden + num_outputs * ((capacity or self.num_latents) + 1)))

    def build(self, capacity: int, is_categorical: bool, num_fitted: int) -> BaseEstimator:
        """Makes a predictor of one factor, to be fitted to `num_fitted` samples."""
        kind = MLPClassifier if is_categorical else MLPRegressor
        network = kind(
            hidden_layer_sizes=(capacity, capacity) if capacity else (),
            batch_size=min(_NETWORK_BATCH, num_fitted),
            alpha=0.0,
            n_iter_no_change=self.num_epochs,
            warm_start=True,
            random_state=self.seed,
        )
        return _Network(network, self.num_epochs, self.learning_rate)

    def importance(
        self, predictor: BaseEstimator, inputs: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        """Importance of each latent on samples that were not fitted, `[num_latents]`."""
        network = predictor.network
        predict = network.predict_proba if is_classifier(network) else network.predict
        values = sage_values(
            predict, lambda *given: _losses(network, *given), inputs, target, self.seed
        )
        gained = np.maximum(values, 0.0)
        return gained / gained.sum() if gained.any() else gained


class _Network(BaseEstimator):
    """A network of scikit-learn whose learning rate falls."""

    def __init__(self, network, num_epochs, learning_rate) -> None:
        self.network = network
        self.num_epochs = num_epochs
        self.learning_rate = learning_rate

    def fit(self, inputs, target):
        with warnings.catch_warnings():
            # It ends after its epochs, as it is meant to.
            warnings.simplefilter("ignore", ConvergenceWarning)
            for share, factor in _RATES:
                epochs = max(1, round(share * self.num_epochs))
                rate = factor * self.learning_rate
                self.network.set_params(max_iter=epochs, learning_rate_init=rate)
                self.network.fit(inputs, target)
        return self

    def predict(self, inputs):
        return self.network.predict(inputs)


def _losses(network, predicted, target):
    """Losses that the network minimises: squared errors, or cross-entropies of probabilities."""
    if not is_classifier(network):
        return np.square(predicted - target)
    of_target = np.where(network.classes_ == target[:, None], predicted, 0.0).sum(axis=1)
    return -np.log(np.maximum(of_target, np.finfo(np.float64).tiny))


def _fourier_features(inputs, number, sigma, seed):
    directions = np.random.RandomState(seed).normal(size=[number // 2, inputs.shape[1]])
    phases = 2 * np.pi * sigma * inputs @ directions.T
    return np.concatenate([np.cos(phases), np.sin(phases)], axis=1)
