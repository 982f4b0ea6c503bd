"""Fits scikit-learn's models that do not depend on one another on all cores.

disentanglement_lib fits one factor after the other, in loops whose fits do not depend on what was
fitted before. Such a loop is run twice: first with stand-ins that note what is to be fitted and what
the models are asked, then, when all of that has been done side by side, with the answers. Every model
has a random state of its own, so that the order of the fits changes nothing.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from threadpoolctl import threadpool_limits

from tfdis.files.cores import num_cores
from tfdis.files.threads import Threads, finish


class _NotedModel:
    """Stands in for a model while its loop is rehearsed."""

    def __init__(self, model) -> None:
        self.model = model
        self.inputs: list[np.ndarray] = []
        self._is_ranking = False

    def fit(self, x: np.ndarray, y: np.ndarray) -> "_NotedModel":
        """Notes what is to be fitted."""
        self.x, self.y = x, y
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Notes what is to be predicted; returns some label, of the right type."""
        self.inputs.append(x)
        return np.repeat(self.y[:1], len(x))

    @property
    def feature_importances_(self) -> np.ndarray:
        """Zeros in place of importances."""
        self._is_ranking = True
        return np.zeros(self.x.shape[1])

    def fit_now(self, threads: Threads | None = None) -> None:
        """Fits the model, asks it everything, and lets go of it, as it may be large.

        Args:
            threads: the threads of which this is one; None for the thread of the loop.
        """
        if len(np.unique(self.y)) < 2:
            raise ValueError(
                f"Expected at least two values of every factor among the samples that "
                f"{type(self.model).__name__} is fitted to. Received: one value in "
                f"{len(self.y)} samples. Fix: more samples (num_train)."
            )
        options = {}
        if threads is not None and isinstance(self.model, GradientBoostingClassifier):
            # Asked after every stage. Other models are small: their fits end on their own.
            options["monitor"] = lambda *_: threads.is_abandoned
        self.model.fit(self.x, self.y, **options)
        if threads is not None and threads.is_abandoned:
            return
        self.predictions = [self.model.predict(x) for x in self.inputs]
        self.importances = self.model.feature_importances_ if self._is_ranking else None
        self.model = None


class _FittedModel:
    """The answers of a model that has been fitted to what it will be given."""

    def __init__(self, noted: _NotedModel):
        self._noted = noted
        self._answers = zip(noted.inputs, noted.predictions, strict=True)

    def fit(self, x: np.ndarray, y: np.ndarray) -> "_FittedModel":
        """Makes sure that the model was fitted to these arrays."""
        self._check(x, self._noted.x)
        self._check(y, self._noted.y)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The predictions for what was asked at this place in the rehearsal."""
        noted, predictions = next(self._answers, (None, None))
        self._check(x, noted)
        return predictions

    @property
    def feature_importances_(self) -> np.ndarray:
        """The importances."""
        return self._noted.importances

    def _check(self, given, noted):
        if not np.array_equal(given, noted):
            raise RuntimeError(
                "Expected a loop that fits the same models when it is run again. Received: other "
                "samples. Fix: evaluate with encode_once=False."
            )


class ParallelFits:
    """Runs loops of independent fits, with their models fitted on all cores.

    Args:
        num_threads: number of models that are fitted at once; by default the number of cores.
            scikit-learn's trees and linear models are compiled code that leaves Python to other
            threads.
    """

    def __init__(self, num_threads: int | None = None):
        self._num_threads = num_threads or num_cores()
        self._noted: list[_NotedModel] | None = None
        self._fitted: Iterator[_NotedModel] | None = None

    def model(self, build: Callable) -> Any:
        """A model for the loop that is being run, or a plain one outside of `run`."""
        if self._fitted is not None:
            return _FittedModel(next(self._fitted))
        if self._noted is not None:
            self._noted.append(_NotedModel(build()))
            return self._noted[-1]
        return build()

    def run(self, loop: Callable) -> Any:
        """Returns what `loop()` returns; the models that it gets from `model` are fitted together.

        The loop is run twice, and has to ask the same of its models both times.

        Raises:
            ValueError: there is only one label to learn.
        """
        self._noted = []
        try:
            loop()
            self._fit(self._noted)
            self._fitted = iter(self._noted)
            return loop()
        finally:
            self._noted = self._fitted = None

    def _fit(self, noted: list[_NotedModel]) -> None:
        # Models with the most classes take longest, so they come first.
        ordered = sorted(noted, key=lambda model: len(np.unique(model.y)), reverse=True)
        if ordered:
            # The model with the fewest classes is fitted now: it fails at once if one class is too few.
            ordered[-1].fit_now()
        # The cores are taken: further threads of linear algebra would only wait for one another.
        with threadpool_limits(1), Threads(self._num_threads) as pool:
            finish([pool.submit(model.fit_now, pool) for model in ordered[:-1]])
